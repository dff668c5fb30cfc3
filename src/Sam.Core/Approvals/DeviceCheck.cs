using Sam.Core.Activation;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>Whether a device of a signer has signed something, and whether it is one: its key is tied to the signer by the SAM's own signature.</summary>
internal sealed class DeviceCheck
{
    private readonly SealedRows _rows;
    private readonly SignerNames _names;
    private readonly DeviceBinding _bindings;
    private readonly string _deployment;

    internal DeviceCheck(SealedRows rows, DeviceBinding bindings, string deployment)
    {
        _rows = rows;
        _names = new SignerNames(rows);
        _bindings = bindings;
        _deployment = deployment;
    }

    /// <summary>The signer whose login this is. Refused with NotTheSigner.</summary>
    internal async Task<Result<(SignerId Id, SignerRow Row)>> FindSignerAsync(LoginName login, CancellationToken cancellationToken)
    {
        if ((await _names.FindAsync(SignerRows.Login(login), cancellationToken)).IsRefused(out Refusal? refusal, out SignerId signer)
            || (await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).IsRefused(out refusal, out SealedRow<SignerRow>? row))
        {
            return refusal.Code == SamErrorCode.RowMissing ? SamErrorCode.NotTheSigner : refusal;
        }

        return row.Value.IsLogin(login) && row.Value.Status == SignerStatus.Active ? (signer, row.Value) : SamErrorCode.NotTheSigner;
    }

    /// <summary>Null for a request that a device of the signer's has proved.</summary>
    internal SamErrorCode? FindFault(SignerId signer, SignerRow row, OfficerRequest request, DateTimeOffset now) =>
        request.Proof is null ? SamErrorCode.ProofMissing
        : OfficerProof.TryParse(request.Proof, out OfficerProof? proof) && proof.IsFor(request, _deployment) && UsedProofs.IsTimely(proof.Claims, now)
            && row.Devices.Any(device => proof.IsBy(device.PublicKey) && _bindings.IsGenuine(signer, device))
            ? null
            : SamErrorCode.ProofInvalid;

    /// <summary>Whether this device of the signer's has signed the statement.</summary>
    internal bool HasSigned(SignerId signer, SignerRow row, DeviceId device, byte[] statement, ReadOnlySpan<byte> signature) =>
        row.Devices.FirstOrDefault(d => d.Id == device.Value) is { } found && DeviceSignature.IsBy(found.PublicKey, statement, signature) && _bindings.IsGenuine(signer, found);

    internal byte[] Statement(bool approves, PendingApproval approval) => ApprovalStatement.Of(approves, _deployment, approval);

    /// <summary>What a page showed that encrypts factors.</summary>
    internal byte[] FactorStatement(AuthorizeRequest request, OpenedChallenge challenge) =>
        ApprovalStatement.OfFactors(_deployment, Shown(request, challenge, needsPin: true), request.NumSignatures);

    /// <summary>What a device showed that answers a challenge.</summary>
    internal byte[] AnswerStatement(AuthorizeRequest request, OpenedChallenge challenge, bool needsPin) => Statement(approves: true, Shown(request, challenge, needsPin));

    /// <summary>Null for a challenge that was made for this client and credential, and whose time is not over.</summary>
    internal SamErrorCode? FindFault(OpenedChallenge challenge, AuthorizeRequest request, DateTimeOffset now) =>
        challenge.Content != Challenge(challenge.Id, request.Caller.Client, request.Credential, challenge.ExpiresAt) ? SamErrorCode.ChallengeInvalid
        : now >= challenge.ExpiresAt ? SamErrorCode.ChallengeExpired
        : null;

    private static PendingApproval Shown(AuthorizeRequest request, OpenedChallenge challenge, bool needsPin) =>
        new(challenge.Id, request.Caller.Client, request.Credential, request.Digests, request.Label ?? string.Empty, needsPin, challenge.ExpiresAt);

    /// <summary>A challenge for a client to carry to the device.</summary>
    internal DeviceChallenge Challenge(ApprovalId id, ClientId client, CredentialId credential, DateTimeOffset expiresAt) =>
        new(_deployment, id.Value, client.Value, credential.Value, expiresAt.ToUnixTimeSeconds());
}
