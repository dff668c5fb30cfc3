using System.Collections.Concurrent;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Factors;

/// <summary>
/// What this process last saw of each signer's counters. It saves a read (a write with a stale version conflicts, and is tried again from the table), and it is a floor:
/// for 60 s a row older than one already seen is refused, also within the tolerance of the row seal (security decision 14a).
/// </summary>
internal sealed class CounterFloor
{
    private const int MaxEntries = 10_000;

    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<SignerId, (SealedRow<CountersRow> Row, long SeenAt)> _seen = new();
    private readonly TimeProvider _time;

    internal CounterFloor(TimeProvider time) => _time = time;

    internal SealedRow<CountersRow>? LastSeen(SignerId signer) =>
        _seen.TryGetValue(signer, out (SealedRow<CountersRow> Row, long SeenAt) entry) && _time.GetElapsedTime(entry.SeenAt) < _lifetime ? entry.Row : null;

    /// <summary>
    /// Whether a row that was read is below what had been seen when its reading began, or beside it: of the same version and another one, which is what
    /// another process makes of a row that was written back to it. What others wrote while it was read raises the floor and is no reason to doubt it.
    /// </summary>
    internal static bool IsBelow(SealedRow<CountersRow> row, SealedRow<CountersRow>? seenBefore) =>
        seenBefore is not null
        && (row.Value.Version < seenBefore.Value.Version || (row.Value.Version == seenBefore.Value.Version && row.Value.Mark != seenBefore.Value.Mark));

    /// <summary>Takes note of a row; the newest stays.</summary>
    internal void Raise(SignerId signer, SealedRow<CountersRow> row)
    {
        if (_seen.Count >= MaxEntries)
        {
            // Lost without harm but for the floor's minute: the seal's age still stands.
            _seen.Clear();
        }

        // In one step, or of two rows seen at once the older could win.
        (SealedRow<CountersRow> Row, long SeenAt) fresh = (row, _time.GetTimestamp());
        _ = _seen.AddOrUpdate(signer, fresh, (_, seen) => IsBelow(row, seen.Row) && _time.GetElapsedTime(seen.SeenAt) < _lifetime ? seen : fresh);
    }
}
