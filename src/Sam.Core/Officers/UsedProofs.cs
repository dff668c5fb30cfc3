using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Officers;

/// <summary>Makes every proof good once: its time is a minute, and for so long its id is kept, in one row per privileged user.</summary>
internal sealed class UsedProofs
{
    // A clock may be as much behind as another is ahead.
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(60);

    // Whoever has both token and key sends no more than this in two minutes; the row must not grow without bound.
    private const int MaxProofs = 2_000;
    private const int MaxConflicts = 20;

    private readonly SealedRows _rows;

    internal UsedProofs(SealedRows rows) => _rows = rows;

    /// <summary>Whether a proof's time is now.</summary>
    internal static bool IsTimely(ProofClaims proof, DateTimeOffset now) => Math.Abs((decimal)now.ToUnixTimeSeconds() - proof.IssuedAt) <= (decimal)_window.TotalSeconds;

    /// <summary>Makes the row of a privileged user who is about to have a key. From then on a row that is missing was deleted, and gives no proof a second life.</summary>
    internal async Task BeginAsync(string officer, CancellationToken cancellationToken) =>
        _ = await _rows.InsertAsync(Address(officer), RowSchemas.UsedProofs, new UsedProofsRow(new Dictionary<string, long>()), cancellationToken);

    /// <summary>Null for a proof that is used with this call; otherwise ProofReplayed, Overloaded, or what is wrong with the row.</summary>
    internal async Task<SamErrorCode?> UseAsync(string officer, ProofClaims proof, DateTimeOffset now)
    {
        RowAddress address = Address(officer);
        for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            if ((await _rows.ReadAsync(address, RowSchemas.UsedProofs, CancellationToken.None)).IsRefused(out Refusal? unread, out SealedRow<UsedProofsRow>? row))
            {
                return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.RowBroken : unread.Code;
            }

            long second = now.ToUnixTimeSeconds();
            Dictionary<string, long> ids = row.Value.Ids.Where(id => id.Value >= second).ToDictionary(StringComparer.Ordinal);
            if (!ids.TryAdd(proof.Id, proof.IssuedAt + (long)_window.TotalSeconds))
            {
                return SamErrorCode.ProofReplayed;
            }

            if (ids.Count > MaxProofs)
            {
                return SamErrorCode.Overloaded;
            }

            if (!(await _rows.ReplaceAsync(address, RowSchemas.UsedProofs, new UsedProofsRow(ids), row.ETag, CancellationToken.None)).IsRefused(out Refusal? lost, out _))
            {
                return null;
            }

            if (lost.Code != SamErrorCode.RowConflict)
            {
                return lost.Code;
            }
        }

        return SamErrorCode.Overloaded;
    }

    private static RowAddress Address(string officer) => new(SamTable.Registry, $"officer-{officer}", "proofs");
}
