using System.Security.Cryptography;
using Sam.Core.Audit;
using Sam.Core.Configuration;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Core.Activation;

/// <summary>
/// <c>credentials/extendTransaction</c>: exchanges a SAD for the next of its transaction (method 2, APX-2 and APX-3). Used or not, a SAD is exchanged once; each is good for one signHash.
/// Three reads together and one conditional write; of a used SAD its outcome is read, too, and a request that may be sent again costs one more write.
/// </summary>
internal sealed class TransactionExtension
{
    private readonly SealedRows _rows;
    private readonly ConfigurationGate _configuration;
    private readonly SadCodec _sads;
    private readonly SpendOutcomes _outcomes;
    private readonly GivenExtensions _given;
    private readonly CopiedSads _copies;
    private readonly IAuditLog _audit;
    private readonly ActivationPolicy _policy;

    internal TransactionExtension(SealedRows rows, ConfigurationGate configuration, SadCodec sads, IAuditLog audit, ActivationPolicy policy)
    {
        _rows = rows;
        _configuration = configuration;
        _sads = sads;
        _outcomes = new SpendOutcomes(rows);
        _given = new GivenExtensions(rows);
        _copies = new CopiedSads(rows, audit);
        _audit = audit;
        _policy = policy;
    }

    internal async Task<Result<IssuedSad>> ExtendAsync(ExtendRequest request, CancellationToken cancellationToken)
    {
        AuditRecord record = new AuditRecord
        {
            Event = AuditEvent.ExtensionRefused,
            Client = request.Caller.Client.Value,
            User = request.Caller.User,
            Credential = request.Credential.Value,
        }.WithRefused(request.Digests ?? []);
        if (_audit.IsFailing)
        {
            return SamErrorCode.AuditUnavailable;
        }

        if (await _configuration.FindObstacleAsync(cancellationToken) is { } notApproved)
        {
            // Not audited for each request: that it is so has a record of its own.
            return notApproved;
        }

        if (_sads.Open(request.Sad).IsRefused(out Refusal? refusal, out SadClaims? sad))
        {
            await _audit.AppendAsync(record with { Cause = refusal.Code.ToString() });
            return refusal;
        }

        record = record with { Transaction = sad.Transaction.Value };
        SigningRows rows = await SigningRows.ReadAsync(_rows, request.Caller, request.Credential, sad, cancellationToken);
        if ((await DecideAsync(request, sad, rows, cancellationToken)).IsRefused(out refusal, out TransactionRow? next)
            || (await StoreAsync(request, sad, rows, next)).IsRefused(out refusal, out RowETag etag))
        {
            await _copies.RevokeAsync(refusal, sad, rows, record);
            await _audit.AppendAsync(record with { Cause = refusal.Code.ToString() });
            return refusal;
        }

        await _audit.AppendAsync(record.WithGranted(request.Digests ?? []) with { Event = AuditEvent.TransactionExtended, Detail = $"SAD {next.Generation}" });
        return new IssuedSad(_sads.Mint(sad.Transaction, sad.PurgeMinute, next.Generation, etag, next.ExpiresAt), next.ExpiresAt - rows.Time, request.Digests is null ? Unpack(next) : null);
    }

    /// <summary>The order of checks; then the transaction as it goes on.</summary>
    private async Task<Result<TransactionRow>> DecideAsync(ExtendRequest request, SadClaims sad, SigningRows rows, CancellationToken cancellationToken)
    {
        if (FindObstacle(request, sad, rows) is { } obstacle)
        {
            return obstacle;
        }

        TransactionRow row = rows.Transaction;
        if (IsAskedAgain(request, sad, row))
        {
            return row;
        }

        if (row.Generation != sad.Generation)
        {
            return SamErrorCode.SadSpent;
        }

        byte[] handedOver = [];
        if (row.Spent is not null)
        {
            Result<OutcomeRow> outcome = await _outcomes.FindAsync(sad, rows, cancellationToken);
            if (outcome.IsRefused(out Refusal? unknown, out OutcomeRow? found))
            {
                // While the signatures may yet come, asking again may help. A spend that left nothing has no outcome, and needs none.
                return unknown.Code != SamErrorCode.RowMissing ? unknown
                    : row.LeavesNothing || rows.Time >= row.Spent.SpentAt + _policy.MaxSpendToRelease ? SamErrorCode.SadSpent
                    : SamErrorCode.StillSigning;
            }

            handedOver = found.HandedOver;
        }

        return row.Generation == row.LastGeneration ? SamErrorCode.SadSpent : Next(request, rows, handedOver);
    }

    /// <summary>Null when nothing stands against exchanging this SAD, whatever for.</summary>
    private static SamErrorCode? FindObstacle(ExtendRequest request, SadClaims sad, SigningRows rows) =>
        rows.Time >= sad.ExpiresAt ? SamErrorCode.SadExpired
        : rows.TransactionFault is { } transactionFault ? transactionFault
        : rows.Transaction.Client != request.Caller.Client.Value ? SamErrorCode.SadOfAnotherClient
        : rows.Transaction.Credential != request.Credential.Value ? SamErrorCode.SadOfAnotherCredential
        : rows.Transaction.IsRevoked ? SamErrorCode.TransactionRevoked
        : rows.Transaction.Generation == sad.Generation && rows.Transaction.Spent is null && rows.TransactionETag != sad.ETag ? SamErrorCode.TransactionRowReplaced
        : HashSigning.FindStop(request.Caller, rows);

    /// <summary>Whether this very request made the present SAD, which nobody has used: its answer was lost, and is given again.</summary>
    private static bool IsAskedAgain(ExtendRequest request, SadClaims sad, TransactionRow row) =>
        request.Retry is { } mark && row.Generation == sad.Generation + 1 && row.Spent is null && CryptographicOperations.FixedTimeEquals(mark.Value, row.Extension);

    private Result<TransactionRow> Next(ExtendRequest request, SigningRows rows, byte[] handedOver)
    {
        TransactionRow row = rows.Transaction;
        if (!HashAlgorithm.TryFromOid(row.HashAlgorithm, out HashAlgorithm? algorithm))
        {
            return SamErrorCode.HashAlgorithmInvalid;
        }

        IReadOnlyList<Digest> left = DigestMultiset.Without(algorithm, row.Hashes, handedOver);
        TransactionRow next = row with
        {
            Hashes = DigestMultiset.Pack(left),
            Named = [],
            Generation = row.Generation + 1,
            ExpiresAt = Earlier(rows.Time + _policy.SadLifetime, row.Deadline),
            Extension = request.Retry?.Value.ToArray() ?? [],
            Spent = null,
        };
        if (left.Count == 0 && (row.Late == 0 || request.Digests is null))
        {
            // Nothing is left, or nothing was named that could be added.
            return row.Late == 0 ? SamErrorCode.SadSpent : SamErrorCode.HashesEmpty;
        }

        if (request.Digests is not { } named)
        {
            return next;
        }

        if (DigestMultiset.FindExcess(next, named) is not { } excess)
        {
            return next with { Named = DigestMultiset.Pack(named) };
        }

        // Later hashes are for level 1, where no factor binds any (security decision 1).
        IReadOnlyList<Digest> late = named.Any(d => d.Algorithm != algorithm) ? [] : DigestMultiset.Without(algorithm, DigestMultiset.Pack(named), next.Hashes);
        return late.Count == 0 || late.Count > row.Late
            ? excess
            : next with { Hashes = DigestMultiset.Pack([.. left, .. late]), Named = DigestMultiset.Pack(named), Late = row.Late - late.Count };
    }

    private async Task<Result<RowETag>> StoreAsync(ExtendRequest request, SadClaims sad, SigningRows rows, TransactionRow next)
    {
        if (IsAskedAgain(request, sad, rows.Transaction))
        {
            return await _given.FindAsync(sad, rows, CancellationToken.None);
        }

        Result<RowETag> stored = await _rows.ReplaceAsync(sad.Address, RowSchemas.Transaction, next, rows.TransactionETag, CancellationToken.None);

        // The loser of a race with another extension, or with a spend.
        if (stored.IsRefused(out Refusal? lost, out RowETag etag))
        {
            return lost.Code == SamErrorCode.RowConflict ? SamErrorCode.SadSpent : lost;
        }

        if (request.Retry is not null)
        {
            await _given.KeepAsync(sad, etag);
        }

        return etag;
    }

    private static IReadOnlyList<Digest> Unpack(TransactionRow row) =>
        HashAlgorithm.TryFromOid(row.HashAlgorithm, out HashAlgorithm? algorithm) ? DigestMultiset.Without(algorithm, row.Signable, []) : [];

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
