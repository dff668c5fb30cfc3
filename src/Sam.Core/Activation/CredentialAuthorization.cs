using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// <c>credentials/authorize</c>: checks the signer's factor for these digests and issues the SAD (SIG-1, ACT-1).
/// One read (two when this process does not know the signer's counters), the PIN's reservation, one insert beside the PIN's refund.
/// </summary>
internal sealed class CredentialAuthorization
{
    private readonly SealedRows _rows;
    private readonly PinCheck _pins;
    private readonly SadCodec _sads;
    private readonly KeyBinding _bindings;
    private readonly RevocationCheck _revocation;
    private readonly IAuditLog _audit;
    private readonly ActivationPolicy _policy;
    private readonly KeyPolicy _keys;

    internal CredentialAuthorization(SealedRows rows, PinCheck pins, SadCodec sads, KeyBinding bindings, RevocationCheck revocation, IAuditLog audit, ActivationPolicy policy, KeyPolicy keys)
    {
        _rows = rows;
        _pins = pins;
        _sads = sads;
        _bindings = bindings;
        _revocation = revocation;
        _audit = audit;
        _policy = policy;
        _keys = keys;
    }

    internal async Task<Result<IssuedSad>> AuthorizeAsync(AuthorizeRequest request, CancellationToken cancellationToken)
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

        Result<Issuing> decided;
        try
        {
            decided = await DecideAsync(request, cancellationToken);
        }
        catch (Exception failure) when (failure is RowStoreException or KeyBackendException)
        {
            SamErrorCode cause = failure is RowStoreException ? SamErrorCode.StorageUnavailable : SamErrorCode.HsmUnavailable;
            await _audit.AppendAsync(record with { Cause = cause.ToString() });
            throw;
        }

        if (decided.IsRefused(out Refusal? refusal, out Issuing? issuing))
        {
            await _audit.AppendAsync(record with { Cause = refusal.Code.ToString() });
            return refusal;
        }

        await _audit.AppendAsync(record.WithGranted(request.Digests) with { Event = AuditEvent.Authorized, Transaction = issuing.Transaction.Value });
        return new IssuedSad(_sads.Mint(issuing.Transaction, issuing.PurgeMinute, issuing.Row.Generation, issuing.ETag, issuing.Row.ExpiresAt), _policy.SadLifetime);
    }

    /// <summary>The order of checks. What costs a PIN attempt stands last; what a stranger could ask comes before it.</summary>
    private async Task<Result<Issuing>> DecideAsync(AuthorizeRequest request, CancellationToken cancellationToken)
    {
        // Uncached, and under the version that the SAD will be bound to.
        if ((await _rows.ReadAsync(SignerRows.Credential(request.Credential), RowSchemas.Credential, cancellationToken))
            .IsRefused(out Refusal? unread, out SealedRow<CredentialRow>? credential))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread;
        }

        if (Access.FindObstacle(credential.Value, request.Caller) is { } obstacle)
        {
            return obstacle;
        }

        if (!credential.Value.IsUsable)
        {
            return SamErrorCode.CredentialDisabled;
        }

        if (credential.Value.IsImported && !_keys.AllowsImported(level: 1))
        {
            return SamErrorCode.CredentialDisabled;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        if (!credential.Value.Certificate!.IsValidAt(now))
        {
            return SamErrorCode.CertificateExpired;
        }

        if (await _revocation.FindObstacleAsync(credential.Value.Certificate.Chain, now, cancellationToken) is { } revoked)
        {
            return revoked;
        }

        if (!_bindings.IsGenuine(request.Credential, credential.Value))
        {
            return SamErrorCode.KeySwapped;
        }

        if (request.NumSignatures < 1)
        {
            return SamErrorCode.NumSignaturesInvalid;
        }

        if (request.NumSignatures > credential.Value.Multisign)
        {
            return SamErrorCode.NumSignaturesTooHigh;
        }

        // Later ones are named by extensions (level 1 only: a PIN binds no hashes; security decision 1).
        if (request.Digests.Count == 0 || request.NumSignatures < request.Digests.Count)
        {
            return SamErrorCode.HashCountMismatch;
        }

        // They are packed one behind the other under one algorithm: a longer digest among them would stand for two shorter ones.
        if (request.Digests.Any(d => d.Algorithm != request.Digests[0].Algorithm))
        {
            return SamErrorCode.HashAlgorithmInvalid;
        }

        if (request.Pin is not { Length: > 0 } || credential.Value.Signer.Pin is not { } verifier)
        {
            return SamErrorCode.AuthDataInvalid;
        }

        if ((await _pins.VerifyAsync(request.Credential.Signer, verifier, request.Pin, cancellationToken)).IsRefused(out Refusal? wrong, out Func<Task>? refund))
        {
            return wrong;
        }

        // The factor is used up either way: from here on the client's hanging up stops nothing.
        Task refunded = refund();
        Task<Result<Issuing>> inserted = InsertAsync(request, credential);
        await Task.WhenAll(refunded, inserted);
        return await inserted;
    }

    private async Task<Result<Issuing>> InsertAsync(AuthorizeRequest request, SealedRow<CredentialRow> credential)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(CancellationToken.None);
        DateTimeOffset expiresAt = now + _policy.SadLifetime;
        DateTimeOffset deadline = now + _policy.MaxTransactionLife;
        TransactionId transaction = TransactionId.New();
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
