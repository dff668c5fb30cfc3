using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// <c>credentials/authorize</c>: checks the signer's factor for these digests and issues the SAD (SIG-1, ACT-1).
/// One read (two when this process does not know the signer's counters), the PIN's reservation, one insert beside the PIN's refund.
/// </summary>
internal sealed class CredentialAuthorization
{
    private const int LongestLabel = 500;

    private readonly SealedRows _rows;
    private readonly ConfigurationGate _configuration;
    private readonly FactorCheck _factors;
    private readonly SadCodec _sads;
    private readonly KeyBinding _bindings;
    private readonly RevocationCheck _revocation;
    private readonly IAuditLog _audit;
    private readonly ActivationPolicy _policy;
    private readonly KeyPolicy _keys;
    private readonly LevelPolicy _levels;
    private readonly Envelope _envelope;
    private readonly DeviceCheck _devices;
    private readonly DirectApproval _approvals;

    internal CredentialAuthorization(
        SealedRows rows,
        ConfigurationGate configuration,
        FactorCheck factors,
        SadCodec sads,
        KeyBinding bindings,
        RevocationCheck revocation,
        Envelope envelope,
        DeviceCheck devices,
        DirectApproval approvals,
        IAuditLog audit,
        ActivationModuleOptions options)
    {
        _rows = rows;
        _configuration = configuration;
        _factors = factors;
        _sads = sads;
        _bindings = bindings;
        _revocation = revocation;
        _envelope = envelope;
        _devices = devices;
        _approvals = approvals;
        _audit = audit;
        _policy = options.Activation;
        _keys = options.Keys;
        _levels = options.Levels;
    }

    internal async Task<Result<IssuedSad>> AuthorizeAsync(AuthorizeRequest request, CancellationToken cancellationToken) =>
        (await RunAsync(request, DecideAsync, cancellationToken)).IsRefused(out Refusal? refusal, out Issuing? issuing)
            ? refusal
            : new IssuedSad(_sads.Mint(issuing.Transaction, issuing.PurgeMinute, issuing.Row.Generation, issuing.ETag, issuing.Row.ExpiresAt), _policy.SadLifetime);

    /// <summary>Asks for the signer's approval on their device: the handle by which its SAD is fetched. Refused as an authorization is, and with TooManyApprovals.</summary>
    internal async Task<Result<SecretText>> AskAsync(AuthorizeRequest request, CancellationToken cancellationToken) =>
        await RunAsync(request, DecideToAskAsync, cancellationToken);

    /// <summary>A challenge for a device or a page, which the client carries there and back. Refused as an authorization is, or with ParameterInvalid where nobody would answer it.</summary>
    internal async Task<Result<string>> ChallengeAsync(Caller caller, CredentialId credential, ChallengeUse use, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<CredentialRow>? row))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread;
        }

        if (await FindObstacleAsync(caller, credential, row.Value, cancellationToken) is { } obstacle)
        {
            return obstacle;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        return (use == ChallengeUse.Device ? row.Value.KeyAuthorization.NeedsDevice : row.Value.KeyAuthorization.NeedsPin)
            ? _devices.Challenge(ApprovalId.New(), caller.Client, credential, now + _policy.ApprovalLifetime).Seal(_envelope)
            : new Refusal(SamErrorCode.ParameterInvalid, "authObjectID");
    }

    /// <summary>What is asked for is decided, and every outcome recorded.</summary>
    private async Task<Result<T>> RunAsync<T>(AuthorizeRequest request, Func<AuthorizeRequest, CancellationToken, Task<Result<T>>> decide, CancellationToken cancellationToken)
        where T : notnull
    {
        AuditRecord record = new AuditRecord
        {
            Event = AuditEvent.AuthorizationRefused,
            Client = request.Caller.Client.Value,
            User = request.Caller.User,
            Credential = request.Credential.Value,
            Algorithm = request.Digests is [Digest first, ..] ? first.Algorithm.Name : null,
        }.WithRefused(request.Digests);

        if (_audit.IsFailing)
        {
            // What cannot be recorded is refused before an attempt is counted for it.
            return SamErrorCode.AuditUnavailable;
        }

        if (await _configuration.FindObstacleAsync(cancellationToken) is { } notApproved)
        {
            // Not audited for each request: that it is so has a record of its own.
            return notApproved;
        }

        Result<T> decided;
        try
        {
            decided = await decide(request, cancellationToken);
        }
        catch (Exception failure) when (failure is RowStoreException or KeyBackendException)
        {
            SamErrorCode cause = failure is RowStoreException ? SamErrorCode.StorageUnavailable : SamErrorCode.HsmUnavailable;
            await _audit.AppendAsync(record with { Cause = cause.ToString() });
            throw;
        }

        if (decided.IsRefused(out Refusal? refusal, out T? outcome))
        {
            await _audit.AppendAsync(record with { Cause = refusal.Code.ToString() });
            return refusal;
        }

        record = record.WithGranted(request.Digests);
        await _audit.AppendAsync(outcome is Issuing issuing
            ? record with { Event = AuditEvent.Authorized, Transaction = issuing.Transaction.Value }
            : record with { Event = AuditEvent.ApprovalAsked });
        return decided;
    }

    /// <summary>The order of checks. What costs a PIN attempt stands last; what a stranger could ask comes before it.</summary>
    private async Task<Result<Issuing>> DecideAsync(AuthorizeRequest request, CancellationToken cancellationToken)
    {
        if ((await CheckAsync(request, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? credential))
        {
            return refusal;
        }

        if ((await _factors.CheckAsync(request, credential.Value, cancellationToken)).IsRefused(out refusal, out CheckedFactors? factors))
        {
            return refusal;
        }

        // The factors are used up either way: from here on the client's hanging up stops nothing.
        Task refunded = factors.Refund();
        Task<Result<Issuing>> inserted = InsertAsync(request, credential, factors.Transaction);
        await Task.WhenAll(refunded, inserted);
        return await inserted;
    }

    private async Task<Result<SecretText>> DecideToAskAsync(AuthorizeRequest request, CancellationToken cancellationToken) =>
        (await CheckAsync(request, cancellationToken)).IsRefused(out Refusal? refusal, out SealedRow<CredentialRow>? credential) ? refusal
        : !credential.Value.KeyAuthorization.NeedsDevice || request.Pin is not null || request.Encrypted is not null || request.NumSignatures != request.Digests.Count ? SamErrorCode.AuthDataInvalid
        : await _approvals.AskAsync(request, credential.ETag, cancellationToken);

    /// <summary>The credential under the version that the SAD will be bound to, uncached, if nothing but its factors stands against it.</summary>
    private async Task<Result<SealedRow<CredentialRow>>> CheckAsync(AuthorizeRequest request, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(SignerRows.Credential(request.Credential), RowSchemas.Credential, cancellationToken))
            .IsRefused(out Refusal? unread, out SealedRow<CredentialRow>? credential))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread;
        }

        if (await FindObstacleAsync(request.Caller, request.Credential, credential.Value, cancellationToken) is { } obstacle)
        {
            return obstacle;
        }

        if (request.NumSignatures < 1)
        {
            return SamErrorCode.NumSignaturesInvalid;
        }

        if (request.NumSignatures > credential.Value.Multisign)
        {
            return SamErrorCode.NumSignaturesTooHigh;
        }

        // Later ones are named by extensions, where no factor binds any: level 1 without a device (security decision 1).
        bool isLate = credential.Value.Level == LevelPolicy.Lowest && !credential.Value.KeyAuthorization.NeedsDevice;
        if (request.Digests.Count == 0 || request.NumSignatures < request.Digests.Count || (request.NumSignatures > request.Digests.Count && !isLate))
        {
            return SamErrorCode.HashCountMismatch;
        }

        // A device or a page shows it, and binds it as one line.
        if (request.Label is { Length: > 0 } label && (credential.Value.KeyAuthorization.NeedsDevice || request.Encrypted is not null) && !PlainText.IsLine(label, LongestLabel))
        {
            return new Refusal(SamErrorCode.ParameterInvalid, "description");
        }

        // They are packed one behind the other under one algorithm: a longer digest among them would stand for two shorter ones.
        return request.Digests.Any(d => d.Algorithm != request.Digests[0].Algorithm) ? SamErrorCode.HashAlgorithmInvalid : credential;
    }

    /// <summary>Null when this caller may use this credential now, whatever for.</summary>
    private async Task<SamErrorCode?> FindObstacleAsync(Caller caller, CredentialId id, CredentialRow credential, CancellationToken cancellationToken)
    {
        if (Access.FindObstacle(credential, caller) is { } obstacle)
        {
            return obstacle;
        }

        if (!credential.IsUsable)
        {
            return SamErrorCode.CredentialDisabled;
        }

        if (!_levels.Allows(credential.Level))
        {
            return SamErrorCode.LevelForbidden;
        }

        if (credential.IsImported && !_keys.AllowsImported(credential.Level))
        {
            return SamErrorCode.CredentialDisabled;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        return !credential.Certificate!.IsValidAt(now) ? SamErrorCode.CertificateExpired
            : await _revocation.FindObstacleAsync(credential.Certificate.Chain, now, cancellationToken) is { } revoked ? revoked
            : !_bindings.IsGenuine(id, credential) ? SamErrorCode.KeySwapped
            : null;
    }

    private async Task<Result<Issuing>> InsertAsync(AuthorizeRequest request, SealedRow<CredentialRow> credential, TransactionId transaction)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(CancellationToken.None);
        DateTimeOffset expiresAt = now + _policy.SadLifetime;
        DateTimeOffset deadline = now + _policy.MaxTransactionLife;
        uint purgeMinute = TransactionRows.PurgeMinute(deadline + _policy.Retention);
        TransactionRow row = TransactionRow.Begin(request, credential.ETag, expiresAt, deadline);
        Result<RowETag> inserted = await _rows.InsertAsync(
            TransactionRows.Address(transaction, purgeMinute), RowSchemas.Transaction, row, CancellationToken.None);
        return inserted.IsRefused(out Refusal? refusal, out RowETag etag)
            ? refusal
            : new Issuing(transaction, purgeMinute, row, etag);
    }

    private sealed record Issuing(TransactionId Transaction, uint PurgeMinute, TransactionRow Row, RowETag ETag);
}
