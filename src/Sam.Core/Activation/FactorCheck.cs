using Sam.Core.Approvals;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>Whether the factors of a request are those that its credential asks for, in the order that gives strangers nothing (ACT-1, ACT-2; security decision 11).</summary>
internal sealed class FactorCheck
{
    private readonly SealedRows _rows;
    private readonly PinCheck _pins;
    private readonly TotpCheck _totps;
    private readonly DeviceCheck _devices;
    private readonly FactorDecryption _decryption;
    private readonly Envelope _envelope;
    private readonly UsedChallenges _used;
    private readonly ActivationPolicy _policy;

    internal FactorCheck(SealedRows rows, PinCheck pins, TotpCheck totps, DeviceCheck devices, FactorDecryption decryption, Envelope envelope, UsedChallenges used, ActivationPolicy policy)
    {
        _rows = rows;
        _pins = pins;
        _totps = totps;
        _devices = devices;
        _decryption = decryption;
        _envelope = envelope;
        _used = used;
        _policy = policy;
    }

    /// <summary>Refused with LoginNotFresh, AuthDataInvalid, FactorsNotEncrypted, EncryptedFactorsInvalid, ChallengeInvalid, ChallengeExpired, ChallengeUsed, DeviceSignatureInvalid, PinWrong, PinLocked, or as a row is.</summary>
    internal async Task<Result<CheckedFactors>> CheckAsync(AuthorizeRequest request, CredentialRow credential, CancellationToken cancellationToken)
    {
        KeyAuthorization factors = credential.KeyAuthorization;
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (factors.NeedsLogin && !request.Caller.IsFresh(now, _policy.MaxLoginAge))
        {
            return SamErrorCode.LoginNotFresh;
        }

        if ((request.DeviceAnswer is not null) != factors.NeedsDevice
            || (request.Encrypted is null ? !AreThose(request, factors) : !factors.NeedsPin || request.Pin is not null || request.OneTimePassword is not null))
        {
            return SamErrorCode.AuthDataInvalid;
        }

        if (request.Encrypted is null && !_decryption.Policy.AllowsBare(factors))
        {
            return SamErrorCode.FactorsNotEncrypted;
        }

        // The device before the PIN: a stranger can neither guess it nor lock it (security decision 11).
        Refusal? refusal;
        OpenedChallenge? challenge = null;
        if (factors.NeedsDevice && CheckAnswer(request, credential, now).IsRefused(out refusal, out challenge))
        {
            return refusal;
        }

        if (request.Encrypted is not null)
        {
            if ((await _decryption.OpenAsync(request, now, cancellationToken)).IsRefused(out refusal, out DecryptedFactors? decrypted))
            {
                return refusal;
            }

            // Where both are there, they answer one challenge: it is used up once.
            if (challenge is not null && challenge != decrypted.Challenge)
            {
                return SamErrorCode.ChallengeInvalid;
            }

            challenge = decrypted.Challenge;
            request = request with { Pin = decrypted.Pin, OneTimePassword = decrypted.OneTimePassword };
            if (!AreThose(request, factors))
            {
                return SamErrorCode.AuthDataInvalid;
            }
        }

        TransactionId transaction = TransactionId.New();
        if (challenge is not null)
        {
            // Anybody can encrypt a guess, and what is used up is kept in a row that the signer's devices need as well: no more of it than there are attempts.
            if (factors.NeedsPin && await _pins.FindObstacleAsync(request.Credential.Signer, cancellationToken) is { } obstacle)
            {
                return obstacle;
            }

            if ((await UseAsync(request.Credential.Signer, challenge, now, cancellationToken)).IsRefused(out refusal, out transaction))
            {
                return refusal;
            }

            // Its attempt is counted whoever hangs up now.
            cancellationToken = CancellationToken.None;
        }

        if ((await CheckKnowledgeAsync(request, credential, now, cancellationToken)).IsRefused(out refusal, out Func<Task>? refund))
        {
            return refusal;
        }

        return new CheckedFactors(transaction, refund);
    }

    /// <summary>
    /// PIN and one-time password, as the credential asks for them: one attempt, and both are evaluated whichever is wrong, so that the time tells nothing. Gives the refund of the attempt.
    /// </summary>
    private async Task<Result<Func<Task>>> CheckKnowledgeAsync(AuthorizeRequest request, CredentialRow credential, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KeyAuthorization factors = credential.KeyAuthorization;
        if (!factors.NeedsPin)
        {
            return Result.Ok<Func<Task>>(static () => Task.CompletedTask);
        }

        SignerId signer = request.Credential.Signer;
        if (credential.Signer.Pin is not { } verifier || (factors.NeedsTotp && credential.Signer.Totp is null))
        {
            return SamErrorCode.AuthDataInvalid;
        }

        Result<Func<Task>> pin = await _pins.VerifyAsync(signer, verifier, request.Pin!, cancellationToken);
        if (!factors.NeedsTotp || pin.Refusal is { Code: not SamErrorCode.PinWrong })
        {
            return pin;
        }

        // Evaluated from here on: a caller who hangs up stops nothing.
        long? step = await _totps.FindStepAsync(signer, credential.Signer.Totp!, request.OneTimePassword!, now, CancellationToken.None);
        return pin.Refusal is not null ? pin
            : step is not { } found ? SamErrorCode.PinWrong
            : (await _totps.UseAsync(signer, found)).IsRefused(out Refusal? used, out _) ? used
            : pin;
    }

    /// <summary>A device's answer: its signature over these hashes for this client. Gives the challenge, still to be used up.</summary>
    private Result<OpenedChallenge> CheckAnswer(AuthorizeRequest request, CredentialRow credential, DateTimeOffset now) =>
        DeviceChallenge.Open(_envelope, request.DeviceAnswer!).IsRefused(out Refusal? refusal, out DeviceAnswer? answer) ? refusal
        : _devices.FindFault(answer.Challenge, request, now) is { } fault ? fault
        : _devices.HasSigned(
            request.Credential.Signer, credential.Signer, answer.Device, _devices.AnswerStatement(request, answer.Challenge, credential.KeyAuthorization.NeedsPin), answer.Signature)
            ? answer.Challenge
            : SamErrorCode.DeviceSignatureInvalid;

    /// <summary>Once, ever. Gives the id that its transaction will have.</summary>
    private async Task<Result<TransactionId>> UseAsync(SignerId signer, OpenedChallenge challenge, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((await _used.UseAsync(signer, challenge.Id.Value, challenge.ExpiresAt - _policy.ApprovalLifetime, challenge.ExpiresAt, now, cancellationToken)).IsRefused(out Refusal? refusal, out UsedOnce? use)
            || (await _rows.CommitAsync([use.Write], CancellationToken.None)).IsRefused(out refusal, out _))
        {
            return refusal;
        }

        use.Taken();
        return TransactionId.TryParse(challenge.Id.Value, out TransactionId transaction) ? transaction : SamErrorCode.ChallengeInvalid;
    }

    /// <summary>A factor that nobody asked for is refused like one that is missing: the client has mistaken the credential.</summary>
    private static bool AreThose(AuthorizeRequest request, KeyAuthorization factors) =>
        request.Pin is { Length: > 0 } == factors.NeedsPin && request.OneTimePassword is not null == factors.NeedsTotp;
}

/// <summary>Factors that were right.</summary>
/// <param name="Transaction">The id that the transaction has: where a challenge was answered, that of the challenge, so that it is good once.</param>
/// <param name="Refund">Gives the attempt back, beside the next write.</param>
internal sealed record CheckedFactors(TransactionId Transaction, Func<Task> Refund);
