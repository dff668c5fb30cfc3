using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Officers;

/// <summary>
/// Makes every proof good once: its time is a minute, and for so long its id is kept, in one row per privileged user. What this process accepted it knows, too: a row without it was
/// written back. A row that does not open, or was written back, is written anew, with an alarm, and refuses every proof that may have been used.
/// </summary>
internal sealed class UsedProofs
{
    // A clock may be as much behind as another is ahead.
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(60);

    // Whoever has both token and key sends no more than this in two minutes; the row must not grow without bound.
    private const int MaxProofs = 2_000;
    private const int MaxConflicts = 20;

    // So much may the store's clock differ, as two processes know it: a used id is kept so much longer than its time.
    private const int Allowance = 10;

    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, long>> _accepted = new(StringComparer.Ordinal);
    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal UsedProofs(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
        _audit = audit;
    }

    /// <summary>Whether a proof's time is now.</summary>
    internal static bool IsTimely(ProofClaims proof, DateTimeOffset now) => Math.Abs((decimal)now.ToUnixTimeSeconds() - proof.IssuedAt) <= (decimal)_window.TotalSeconds;

    /// <summary>
    /// Makes the row of a privileged user who has a new key, which no proof was made with: over one that does not open, too. From then on a row that is missing was deleted.
    /// One that opens stays.
    /// </summary>
    internal async Task BeginAsync(string officer)
    {
        RowAddress address = Address(officer);
        (RowETag? etag, Result<SealedRow<UsedProofsRow>> read) = await _rows.ReadAnyAsync(address, RowSchemas.UsedProofs, CancellationToken.None);
        if (read.IsRefused(out _, out _))
        {
            // What was accepted was made with the key before. A conflict: somebody made the row.
            _ = _accepted.TryRemove(officer, out _);
            _ = await _rows.CommitAsync([RowWrite.Put(address, RowSchemas.UsedProofs, new UsedProofsRow(new Dictionary<string, long>()), etag)], CancellationToken.None);
        }
    }

    /// <summary>Null for a proof that is used with this call; otherwise ProofReplayed, Overloaded, or what is wrong with the row.</summary>
    internal async Task<SamErrorCode?> UseAsync(string officer, ProofClaims proof, DateTimeOffset now)
    {
        RowAddress address = Address(officer);
        long second = now.ToUnixTimeSeconds();
        for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            // Before the row is read: what is accepted while it is read is no reason to doubt it.
            ImmutableDictionary<string, long> accepted = _accepted.GetValueOrDefault(officer, ImmutableDictionary<string, long>.Empty);
            (RowETag? etag, Result<SealedRow<UsedProofsRow>> read) = await _rows.ReadAnyAsync(address, RowSchemas.UsedProofs, CancellationToken.None);
            if (read.IsRefused(out Refusal? fault, out SealedRow<UsedProofsRow>? row) || IsBelow(row.Value, accepted, second))
            {
                if (await WriteAnewAsync(address, etag, fault?.Code ?? SamErrorCode.RowRolledBack, second) is { } unwritten && unwritten != SamErrorCode.RowConflict)
                {
                    return unwritten;
                }

                continue;
            }

            Dictionary<string, long> ids = row.Value.Ids.Where(id => id.Value + Allowance >= second).ToDictionary(StringComparer.Ordinal);
            if (proof.IssuedAt <= row.Value.RefusedUntil)
            {
                return SamErrorCode.ProofReplayed;
            }

            if (!ids.TryAdd(proof.Id, proof.IssuedAt + (long)_window.TotalSeconds))
            {
                return SamErrorCode.ProofReplayed;
            }

            if (ids.Count > MaxProofs)
            {
                return SamErrorCode.Overloaded;
            }

            if (!(await _rows.ReplaceAsync(address, RowSchemas.UsedProofs, row.Value with { Ids = ids }, row.ETag, CancellationToken.None)).IsRefused(out Refusal? lost, out _))
            {
                Accept(officer, proof, second);
                return null;
            }

            if (lost.Code != SamErrorCode.RowConflict)
            {
                return lost.Code;
            }
        }

        return SamErrorCode.Overloaded;
    }

    /// <summary>Whether a row lacks what this process had seen in it when its reading began, and does not refuse it by its time.</summary>
    private static bool IsBelow(UsedProofsRow row, ImmutableDictionary<string, long> accepted, long second) =>
        accepted.Any(id => id.Value >= second && id.Value - (long)_window.TotalSeconds > row.RefusedUntil && !row.Ids.ContainsKey(id.Key));

    /// <summary>A proof that was accepted until now may be of a minute from now, by its clock: all up to there are refused.</summary>
    private async Task<SamErrorCode?> WriteAnewAsync(RowAddress address, RowETag? etag, SamErrorCode fault, long second)
    {
        UsedProofsRow anew = new(new Dictionary<string, long>(), second + (long)_window.TotalSeconds);
        if ((await _rows.CommitAsync([RowWrite.Put(address, RowSchemas.UsedProofs, anew, etag)], CancellationToken.None)).IsRefused(out Refusal? unwritten, out _))
        {
            return unwritten.Code;
        }

        await _audit.AppendAsync(AuditRecord.OfFault(address, fault, "written anew; proofs of the next minute are refused"));
        return null;
    }

    private void Accept(string officer, ProofClaims proof, long second)
    {
        long end = proof.IssuedAt + (long)_window.TotalSeconds;
        _ = _accepted.AddOrUpdate(
            officer,
            ImmutableDictionary<string, long>.Empty.Add(proof.Id, end),
            (_, known) => known.RemoveRange(known.Where(id => id.Value < second).Select(id => id.Key)).SetItem(proof.Id, end));
    }

    private static RowAddress Address(string officer) => new(SamTable.Registry, $"officer-{officer}", "proofs");
}
