using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// What a signer has answered once is not answered again: the ids of used challenges and approvals are kept with the signer until their time is over, so that no other row's deletion
/// revives one (security decision 13). What this process has used it knows, too (14a): a row without it was written back.
/// </summary>
internal sealed class UsedChallenges
{
    // So much may the store's clock differ, as two processes know it: a used id is kept so much longer than its time.
    private const int Allowance = 10;

    // Beyond it, what this process has seen is forgotten: the age of the row still stands.
    private const int MaxSigners = 10_000;

    private readonly ConcurrentDictionary<SignerId, ImmutableDictionary<string, (long MadeAt, long Ends)>> _taken = new();
    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal UsedChallenges(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
        _audit = audit;
    }

    /// <summary>
    /// What is to be committed with the use. Refused with ChallengeUsed, or RowConflict. Where the row does not open, or was written back, it is written anew, and what was made until now counts as used: the
    /// signer asks again.
    /// </summary>
    /// <param name="signer">Who answers.</param>
    /// <param name="id">What they answer.</param>
    /// <param name="madeAt">When it was made.</param>
    /// <param name="expiresAt">Until when it is good.</param>
    /// <param name="now">By the store's clock.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    internal async Task<Result<UsedOnce>> UseAsync(
        SignerId signer, string id, DateTimeOffset madeAt, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        long second = now.ToUnixTimeSeconds();
        RowAddress address = CredentialRows.UsedChallenges(signer);

        // Before the row is read: what is used while it is read is no reason to doubt it.
        ImmutableDictionary<string, (long MadeAt, long Ends)> taken = _taken.GetValueOrDefault(signer, ImmutableDictionary<string, (long MadeAt, long Ends)>.Empty);
        (RowETag? etag, Result<SealedRow<UsedChallengesRow>> read) = await _rows.ReadAnyAsync(address, RowSchemas.UsedChallenges, cancellationToken);
        if (read.IsRefused(out Refusal? fault, out SealedRow<UsedChallengesRow>? row) || IsBelow(row.Value, taken, second))
        {
            // It is made with the signer: a missing one was deleted, and revives nothing.
            UsedChallengesRow anew = new(new Dictionary<string, long>(), second + Allowance);
            if ((await _rows.CommitAsync([RowWrite.Put(address, RowSchemas.UsedChallenges, anew, etag)], CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
            {
                return conflict;
            }

            await _audit.AppendAsync(AuditRecord.OfFault(address, fault?.Code ?? SamErrorCode.RowRolledBack, "written anew; what was made until now counts as used") with { Signer = signer.Value });
            return SamErrorCode.ChallengeUsed;
        }

        Dictionary<string, long> ids = row.Value.Ids.Where(used => used.Value + Allowance >= second).ToDictionary(StringComparer.Ordinal);
        return madeAt.ToUnixTimeSeconds() > row.Value.RefusedUntil && ids.TryAdd(id, expiresAt.ToUnixTimeSeconds())
            ? new UsedOnce(
                RowWrite.Replace(address, RowSchemas.UsedChallenges, row.Value with { Ids = ids }, row.ETag),
                () => Take(signer, id, (madeAt.ToUnixTimeSeconds(), expiresAt.ToUnixTimeSeconds()), second))
            : SamErrorCode.ChallengeUsed;
    }

    /// <summary>Whether a row lacks what this process had used when its reading began, and does not refuse it by its time.</summary>
    private static bool IsBelow(UsedChallengesRow row, ImmutableDictionary<string, (long MadeAt, long Ends)> taken, long second) =>
        taken.Any(id => id.Value.Ends >= second && id.Value.MadeAt > row.RefusedUntil && !row.Ids.ContainsKey(id.Key));

    private void Take(SignerId signer, string id, (long MadeAt, long Ends) time, long second)
    {
        if (_taken.Count >= MaxSigners)
        {
            _taken.Clear();
        }

        _ = _taken.AddOrUpdate(
            signer,
            ImmutableDictionary<string, (long MadeAt, long Ends)>.Empty.Add(id, time),
            (_, known) => known.RemoveRange(known.Where(used => used.Value.Ends < second).Select(used => used.Key)).SetItem(id, time));
    }
}
