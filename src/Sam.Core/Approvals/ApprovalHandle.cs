using System.Text;
using Sam.Core.Results;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>What a client asks with whether its approval was given (CSC API 2.0 clause 11.7): sealed, for this client alone, and for the user's login it was asked under, if any.</summary>
/// <param name="Signer">Whose approval.</param>
/// <param name="Approval">Which one.</param>
internal sealed record ApprovalHandle(SignerId Signer, ApprovalId Approval)
{
    private const string Purpose = "approval-handle";

    internal SecretText Seal(Envelope envelope, Caller caller) =>
        SealedToken.Seal(envelope, Purpose, Bound(caller), Encoding.ASCII.GetBytes($"{Signer.Value}.{Approval.Value}"));

    /// <summary>Refused with HandleInvalid: not ours, changed, or another caller's.</summary>
    internal static Result<ApprovalHandle> Open(Envelope envelope, SecretText text, Caller caller) =>
        SealedToken.Open(envelope, Purpose, Bound(caller), text) is { } plain
        && Encoding.ASCII.GetString(plain).Split('.') is [var signer, var approval]
        && SignerId.TryParse(signer, out SignerId signerId) && ApprovalId.TryParse(approval, out ApprovalId approvalId)
            ? new ApprovalHandle(signerId, approvalId)
            : SamErrorCode.HandleInvalid;

    private static byte[] Bound(Caller caller) =>
        AssociatedData.Of("sam-approval-handle/1", caller.Client.Value, caller.Login?.Issuer ?? string.Empty, caller.Login?.Subject ?? string.Empty);
}
