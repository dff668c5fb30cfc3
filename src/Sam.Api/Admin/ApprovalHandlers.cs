using Sam.Api.Pipeline;
using Sam.Core.Approvals;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>What signers' devices ask and decide (security decision 9). Wire format: the README's section on devices.</summary>
internal static class ApprovalHandlers
{
    internal static async Task<SamResponse> ListAsync(SamRequest request, CancellationToken cancellationToken) =>
        (await (await request.GetModuleAsync(cancellationToken)).Approvals.ListAsync(request.Login, request.ToOfficerRequest(), cancellationToken))
            .IsRefused(out Refusal? refusal, out IReadOnlyList<PendingApproval>? pending)
            ? SamResponse.Refuse(refusal)
            : SamResponse.Ok(new ApprovalsAnswer([.. pending.Select(ApprovalRequestAnswer.Of)]), AdminJson.Web.ApprovalsAnswer);

    internal static async Task<SamResponse> DecideAsync(SamRequest request, CancellationToken cancellationToken) =>
        SignerBodies.ReadDecision(request).IsRefused(out Refusal? refusal, out Decision? decision)
        || (await (await request.GetModuleAsync(cancellationToken)).Approvals.DecideAsync(request.Login, decision, cancellationToken)).IsRefused(out refusal, out _)
            ? SamResponse.Refuse(refusal)
            : new SamResponse.Empty();
}

/// <summary>What waits for a signer's decision: so little that there are no pages.</summary>
internal sealed record ApprovalsAnswer(IReadOnlyList<ApprovalRequestAnswer> Items);

/// <summary>One approval, as the device shows it and signs it.</summary>
internal sealed record ApprovalRequestAnswer(
    string Id,
    string Client,
    string CredentialID,
    string HashAlgorithmOID,
    IReadOnlyList<string> Hashes,
    int Count,
    string Description,
    string ShortCode,
    bool NeedsPin,
    DateTimeOffset ExpiresAt)
{
    internal static ApprovalRequestAnswer Of(PendingApproval approval) => new(
        approval.Id.Value,
        approval.Client.Value,
        approval.Credential.Value,
        approval.Digests[0].Algorithm.Oid,
        [.. approval.Digests.Select(d => Convert.ToBase64String(d.Value))],
        approval.Digests.Count,
        approval.Label,
        ApprovalStatement.ShortCode(approval.Digests),
        approval.NeedsPin,
        approval.ExpiresAt);
}
