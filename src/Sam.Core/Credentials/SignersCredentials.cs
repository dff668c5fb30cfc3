using Sam.Core.Audit;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// What signers do with credentials of their own, under their own login and with their factors: confirm them, and stop them (STP-1, STP-2, T-STP-1, T-STP-2; security decision 23).
/// </summary>
public sealed class SignersCredentials
{
    private readonly SealedRows _rows;
    private readonly CredentialRegistry _credentials;
    private readonly UsedChallenges _used;
    private readonly PinCheck _pins;
    private readonly Envelope _envelope;
    private readonly IAuditLog _audit;

    internal SignersCredentials(SealedRows rows, CredentialRegistry credentials, PinCheck pins, Envelope envelope, UsedChallenges used, IAuditLog audit)
    {
        _rows = rows;
        _credentials = credentials;
        _used = used;
        _pins = pins;
        _envelope = envelope;
        _audit = audit;
    }

    /// <summary>
    /// Confirms a certified credential, which may be used from then on. Refused with CredentialUnknown, NotTheSigner, SignerStateWrong (not active), CredentialStateWrong,
    /// AuthDataInvalid (no PIN is set), PinWrong, PinLocked or RowConflict.
    /// </summary>
    public async Task<Result<CredentialId>> ConfirmAsync(LoginName login, CredentialId credential, SecretText pin, CancellationToken cancellationToken)
    {
        if ((await FindAsync(login, credential, cancellationToken)).IsRefused(out Refusal? refusal, out CredentialRow? row))
        {
            return refusal;
        }

        if (row.Signer.Status != SignerStatus.Active)
        {
            return SamErrorCode.SignerStateWrong;
        }

        return CredentialLife.After(CredentialAct.Confirm, row, bySigner: true) is null ? SamErrorCode.CredentialStateWrong
            : (await CheckPinAsync(credential, row, pin, cancellationToken)).IsRefused(out refusal, out _) ? refusal
            : await _credentials.ConfirmAsync(credential, Actor.OfSigner(credential.Signer), CancellationToken.None);
    }

    /// <summary>
    /// A challenge to stop a credential: for one action (Suspend, Resume, Revoke or Destroy), for 5 minutes, and good once. Refused with CredentialUnknown, NotTheSigner, CredentialStateWrong or
    /// ParameterInvalid (no such action).
    /// </summary>
    public async Task<Result<(SecretText Challenge, DateTimeOffset ExpiresAt)>> ChallengeAsync(LoginName login, CredentialId credential, CredentialAct act, CancellationToken cancellationToken)
    {
        if (!IsStop(act))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "action");
        }

        if ((await FindAsync(login, credential, cancellationToken)).IsRefused(out Refusal? refusal, out CredentialRow? row))
        {
            return refusal;
        }

        if (CredentialLife.After(act, row, bySigner: true) is null)
        {
            return SamErrorCode.CredentialStateWrong;
        }

        (StopChallenge challenge, SecretText text) = StopChallenge.Make(_envelope, credential, act, await _rows.GetTimeAsync(cancellationToken));
        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.StopChallenged, By = Actor.OfSigner(credential.Signer).Name, Credential = credential.Value, Detail = $"{act} {challenge.Id}" });
        return (text, challenge.ExpiresAt);
    }

    /// <summary>
    /// Stops a credential. It holds for the very next signHash on every instance. Refused, and recorded, with CredentialUnknown, NotTheSigner, ChallengeInvalid, ChallengeExpired,
    /// ChallengeUsed, AuthDataInvalid, PinWrong, PinLocked, CredentialStateWrong, ParameterInvalid (no reason) or RowConflict.
    /// </summary>
    /// <param name="login">Whose token it is.</param>
    /// <param name="credential">The credential.</param>
    /// <param name="act">What the challenge was asked for.</param>
    /// <param name="challenge">The challenge.</param>
    /// <param name="pin">The signer's PIN.</param>
    /// <param name="reason">Why: 1 to 200 characters.</param>
    /// <param name="cancellationToken">Gives up before the PIN is evaluated.</param>
    public async Task<Result<CredentialView>> StopAsync(
        LoginName login, CredentialId credential, CredentialAct act, SecretText challenge, SecretText pin, string reason, CancellationToken cancellationToken)
    {
        Result<CredentialId> stopped = await TryStopAsync(login, credential, act, challenge, pin, reason, cancellationToken);
        if (stopped.Refusal is { } refusal)
        {
            await _audit.AppendAsync(new AuditRecord
            {
                Event = AuditEvent.StopRefused,
                Cause = refusal.Code.ToString(),
                Credential = credential.Value,
                Detail = $"{act}: {login}",
            });
            return refusal;
        }

        return act == CredentialAct.Destroy
            ? await _credentials.FinishDestructionAsync(credential, Actor.OfSigner(credential.Signer), CancellationToken.None)
            : await _credentials.ViewAsync(credential, CancellationToken.None);
    }

    private static bool IsStop(CredentialAct act) => act is CredentialAct.Suspend or CredentialAct.Resume or CredentialAct.Revoke or CredentialAct.Destroy;

    private async Task<Result<CredentialId>> TryStopAsync(
        LoginName login, CredentialId credential, CredentialAct act, SecretText text, SecretText pin, string reason, CancellationToken cancellationToken)
    {
        if (!SignerChanges.IsReason(reason))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "reason");
        }

        if ((await FindAsync(login, credential, cancellationToken)).IsRefused(out Refusal? refusal, out CredentialRow? row))
        {
            return refusal;
        }

        // The challenge before the PIN: who has none of this signer's can neither guess nor lock.
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (StopChallenge.Open(_envelope, text, credential, act, now).IsRefused(out refusal, out StopChallenge? challenge)
            || (await _used.UseAsync(credential.Signer, challenge.Id, challenge.ExpiresAt - StopChallenge.Lifetime, challenge.ExpiresAt, now, cancellationToken)).IsRefused(out refusal, out UsedOnce? use)
            || (await CheckPinAsync(credential, row, pin, cancellationToken)).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        // The challenge's use and the stop are one commit: of one sent many times at once, one is taken.
        Result<CredentialId> acted = await _credentials.ActAsync(credential, act, Actor.OfSigner(credential.Signer), reason, expected: null, present => present, CancellationToken.None, use.Write);
        if (acted.Refusal is null)
        {
            use.Taken();
        }

        return acted;
    }

    /// <summary>Refused with CredentialUnknown; with NotTheSigner for anybody else's login.</summary>
    private async Task<Result<CredentialRow>> FindAsync(LoginName login, CredentialId credential, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<CredentialRow>? row))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread;
        }

        return row.Value.Signer.IsLogin(login) ? row.Value : SamErrorCode.NotTheSigner;
    }

    private async Task<Result<CredentialId>> CheckPinAsync(CredentialId credential, CredentialRow row, SecretText pin, CancellationToken cancellationToken)
    {
        if (pin.Length == 0 || row.Signer.Pin is not { } verifier)
        {
            return SamErrorCode.AuthDataInvalid;
        }

        if ((await _pins.VerifyAsync(credential.Signer, verifier, pin, cancellationToken)).IsRefused(out Refusal? wrong, out Func<Task>? refund))
        {
            return wrong;
        }

        await refund();
        return credential;
    }
}
