using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Credentials;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// <c>signatures/signHash</c>: decides whether this SAD allows these signatures, spends it, and only then uses the key.
/// Three reads together, one conditional write, and one read beside the HSM call; a request that may be sent again costs one more write, which keeps its answer.
/// </summary>
internal sealed class HashSigning
{
    private readonly SealedRows _rows;
    private readonly ConfigurationGate _configuration;
    private readonly SadCodec _sads;
    private readonly KeyUse _keyUse;
    private readonly CopiedSads _copies;
    private readonly KeyBinding _bindings;
    private readonly RevocationCheck _revocation;
    private readonly HsmGate _gate;
    private readonly LostAnswers _answers;
    private readonly IAuditLog _audit;
    private readonly ActivationPolicy _policy;
    private readonly TimeProvider _time;

    internal HashSigning(SealedRows rows, ConfigurationGate configuration, SadCodec sads, KeyBackendGuard keys, KeyBinding bindings, RevocationCheck revocation, HsmGate gate, IAuditLog audit, ActivationPolicy policy, TimeProvider time)
    {
        _rows = rows;
        _configuration = configuration;
        _sads = sads;
        _bindings = bindings;
        _revocation = revocation;
        _gate = gate;
        _answers = new LostAnswers(rows, policy.MaxSpendToRelease);
        _keyUse = new KeyUse(rows, keys, _answers, audit, policy, time);
        _copies = new CopiedSads(rows, audit);
        _audit = audit;
        _policy = policy;
        _time = time;
    }

    internal async Task<Result<IReadOnlyList<byte[]>>> SignAsync(SignHashRequest request, CancellationToken cancellationToken)
    {
        OperationId operation = OperationId.New();
        AuditRecord record = new AuditRecord
        {
            Event = AuditEvent.SigningRefused,
            Client = request.Caller.Client.Value,
            User = request.Caller.User,
            Credential = request.Credential.Value,
            Operation = operation.Value,
            Algorithm = request.Algorithm.Name,
        }.WithRefused(request.Digests);

        if (_audit.IsFailing)
        {
            // What cannot be recorded is refused before the SAD is spent for it.
            return SamErrorCode.AuditUnavailable;
        }

        if (await _configuration.FindObstacleAsync(cancellationToken) is { } notApproved)
        {
            // Not audited for each request: that it is so has a record of its own.
            return notApproved;
        }

        if (_sads.Open(request.Sad).IsRefused(out Refusal? unopened, out SadClaims? sad))
        {
            await _audit.AppendAsync(record with { Cause = unopened.Code.ToString() });
            return unopened;
        }

        if (_gate.IsFull)
        {
            // Not audited: what is refused under load must cost nothing.
            return SamErrorCode.Overloaded;
        }

        using HsmGate.Place place = _gate.NewPlace();
        record = record with { Transaction = sad.Transaction.Value };
        Result<KeySpend> decided;
        try
        {
            SigningRows rows = await SigningRows.ReadAsync(_rows, request.Caller, request.Credential, sad, cancellationToken);
            decided = await SpendAsync(request, sad, rows, place, operation, cancellationToken);
            if (decided.Refusal is not null && request.Retry is not null)
            {
                // The same request may have spent it, a while ago or since the rows were read.
                rows = await SigningRows.ReadAsync(_rows, request.Caller, request.Credential, sad, cancellationToken);
                if (LostAnswers.IsAskedForBy(request, rows))
                {
                    return await ReleaseAgainAsync(request, sad, rows, record, cancellationToken);
                }
            }

            if (decided.Refusal is { } spent)
            {
                await _copies.RevokeAsync(spent, sad, rows, record);
            }
        }
        catch (RowStoreException)
        {
            // Also a spend in doubt: it may arrive yet and burn the SAD, and no key is used for it.
            await _audit.AppendAsync(record with { Cause = nameof(SamErrorCode.StorageUnavailable) });
            throw;
        }

        if (decided.IsRefused(out Refusal? refusal, out KeySpend? spend))
        {
            if (refusal.Code == SamErrorCode.Overloaded)
            {
                return refusal;
            }

            await _audit.AppendAsync(record with { Cause = refusal.Code.ToString() });
            return refusal;
        }

        return await _keyUse.SignAsync(request, spend, record.WithGranted(request.Digests) with { Key = spend.Credential.SigningKey.Reference.Value });
    }

    /// <summary>Checks, and ends with the one conditional write. Before it nothing has changed; after it the SAD is dead, whatever happens.</summary>
    private async Task<Result<KeySpend>> SpendAsync(SignHashRequest request, SadClaims sad, SigningRows rows, HsmGate.Place place, OperationId operation, CancellationToken cancellationToken)
    {
        if (FindObstacle(request, sad, rows) is { } obstacle)
        {
            return obstacle;
        }

        // Last of the checks, and where it is configured only: it may have to ask an authority.
        if (await _revocation.FindObstacleAsync(rows.Credential.Certificate!.Chain, rows.Time, cancellationToken) is { } revoked)
        {
            return revoked;
        }

        if (!place.TryTake(request.Digests.Count))
        {
            return SamErrorCode.Overloaded;
        }

        SpendRecord spent = new(operation.Value, DigestMultiset.HashOf(request.Digests), request.Algorithm.Name, rows.Time, request.Retry?.Value.ToArray());
        Result<RowETag> write = await _rows.ReplaceAsync(
            sad.Address, RowSchemas.Transaction, rows.Transaction with { Spent = spent }, sad.ETag, CancellationToken.None);
        if (write.IsRefused(out Refusal? lost, out RowETag etag))
        {
            // The loser of a race: somebody else's spend is what changed the row.
            return lost.Code == SamErrorCode.RowConflict ? SamErrorCode.SadSpent : lost;
        }

        return new KeySpend(sad, rows.Transaction, etag, rows.Credential, rows.CredentialETag, _time.GetTimestamp());
    }

    /// <summary>The order of checks, to be read aloud. Null when nothing stands against spending this SAD for these digests.</summary>
    private SamErrorCode? FindObstacle(SignHashRequest request, SadClaims sad, SigningRows rows) =>
        rows.Time >= sad.ExpiresAt ? SamErrorCode.SadExpired
        : rows.TransactionFault is { } transactionFault ? transactionFault
        : rows.Transaction.Client != request.Caller.Client.Value ? SamErrorCode.SadOfAnotherClient
        : rows.Transaction.Credential != request.Credential.Value ? SamErrorCode.SadOfAnotherCredential
        : rows.Transaction.IsRevoked ? SamErrorCode.TransactionRevoked
        : rows.Transaction.Generation != sad.Generation ? SamErrorCode.SadSpent
        : rows.Transaction.Spent is not null ? SamErrorCode.SadSpent
        : rows.TransactionETag != sad.ETag ? SamErrorCode.TransactionRowReplaced
        : FindStop(request.Caller, rows) is { } stop ? stop
        : DigestMultiset.FindExcess(rows.Transaction, request.Digests) is { } excess ? excess
        : request.Digests[0].Algorithm != request.Algorithm.Hash ? SamErrorCode.HashAlgorithmInvalid
        : !request.Algorithm.Fits(rows.Credential.KeyAlgorithm) ? SamErrorCode.SignAlgoInvalid
        : !rows.Credential.Certificate!.IsValidAt(rows.Time) ? SamErrorCode.CertificateExpired
        : !_bindings.IsGenuine(request.Credential, rows.Credential) ? SamErrorCode.KeySwapped
        : null;

    /// <summary>Client, credential and state, in this order: what is asked of every release, also of one that uses no key.</summary>
    internal static SamErrorCode? FindStop(Caller caller, SigningRows rows) =>
        rows.ClientFault is { } clientFault ? clientFault
        : !rows.Client.Approved ? SamErrorCode.ClientStopped
        : rows.CredentialFault is { } credentialFault ? credentialFault
        : Access.FindObstacle(rows.Credential, caller) is { } noAccess ? noAccess
        : !rows.Credential.IsUsable ? SamErrorCode.CredentialDisabled
        : rows.CredentialETag.Value != rows.Transaction.CredentialETag ? SamErrorCode.CredentialChanged
        : null;

    /// <summary>The same request again, from a client that lost the answer: it passes client and state anew, gets the answer that was kept, and no key is used.</summary>
    private async Task<Result<IReadOnlyList<byte[]>>> ReleaseAgainAsync(
        SignHashRequest request, SadClaims sad, SigningRows rows, AuditRecord record, CancellationToken cancellationToken)
    {
        // The operation that made the signatures, and not one of its own: an auditor finds both releases by it.
        record = record.WithGranted(request.Digests) with { Operation = rows.Transaction.Spent!.Operation };
        long begun = _time.GetTimestamp();
        Result<IReadOnlyList<byte[]>> kept = FindStop(request.Caller, rows) is { } stop ? stop : await _answers.FindAsync(sad, rows, cancellationToken);
        ChainHead recorded = await _audit.AppendAsync(kept.IsRefused(out Refusal? refusal, out IReadOnlyList<byte[]>? signatures)
            ? record with { Cause = refusal.Code.ToString() }
            : record with { Event = AuditEvent.SignaturesReleasedAgain, SignatureDigests = KeyUse.DigestsOf(signatures) });
        request.Recorded?.Invoke(recorded);

        // What was judged so long ago may have been stopped since.
        return refusal is null && _time.GetElapsedTime(begun) > _policy.MaxSpendToRelease ? await _keyUse.FailAsync(SamErrorCode.SigningTooSlow, record) : kept;
    }
}
