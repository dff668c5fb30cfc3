using System.Globalization;

namespace Sam.Cli.Audit;

/// <summary>
/// The uses of one key that the audit records, against those that the HSM's log has. Digests stand in no log of an HSM; so they are told by key, number and time: a signature belongs to an operation that was
/// recorded within a minute after it.
/// </summary>
internal sealed class KeyUses(string key)
{
    /// <summary>How long after a signature its record may be dated: what an operation may take at most, and the audit's wait.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How far the HSM's clock and that of the audit store may be apart.</summary>
    internal static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    private readonly List<Recorded> _recorded = [];
    private readonly List<DateTimeOffset> _made = [];

    /// <summary>An operation that used the key.</summary>
    /// <param name="time">When it was recorded.</param>
    /// <param name="least">How many signatures it made for certain.</param>
    /// <param name="most">How many it may have made.</param>
    /// <param name="what">How it is named.</param>
    internal void AddRecorded(DateTimeOffset time, int least, int most, string what) => _recorded.Add(new Recorded(time, least, most, what));

    internal void AddMade(DateTimeOffset time) => _made.Add(time);

    /// <summary>Signatures that no record explains, and recorded ones that the log does not have.</summary>
    /// <param name="from">Where the audit begins: what was recorded in its first minute may have been made before, and what is before is not judged.</param>
    /// <param name="to">Until when signatures have their records.</param>
    internal IEnumerable<string> FindStrays(DateTimeOffset from, DateTimeOffset to)
    {
        Recorded[] recorded = [.. _recorded.OrderBy(r => r.Time)];
        DateTimeOffset[] made = [.. _made.Order()];

        // All windows are of one length; so who takes the first that is free takes nothing from anybody who needs it.
        foreach (DateTimeOffset stray in Unmatched(made, Places(recorded, r => r.Most), (signature, record) => -Place(signature, record)).Where(t => t >= from && t <= to))
        {
            yield return $"key {key}: the HSM made a signature at {Text(stray)} that the audit does not have";
        }

        foreach (Recorded missing in Unmatched(Places(recorded, r => r.Least), made, (record, signature) => Place(signature, record)).Where(r => r.Time >= from + Longest).Distinct())
        {
            yield return $"key {key}: the audit has {missing.What} at {Text(missing.Time)}, and the HSM's log lacks a signature of it";
        }
    }

    /// <summary>Before, in (0) or behind the time in which a record's signatures were made.</summary>
    private static int Place(DateTimeOffset signature, Recorded record) =>
        signature < record.Time - Longest - Skew ? -1 : signature > record.Time + Skew ? 1 : 0;

    private static Recorded[] Places(IEnumerable<Recorded> recorded, Func<Recorded, int> count) => [.. recorded.SelectMany(r => Enumerable.Repeat(r, count(r)))];

    /// <summary>Those of the first, in order of time, that none of the second is left for.</summary>
    private static IEnumerable<TOne> Unmatched<TOne, TOther>(TOne[] ones, TOther[] others, Func<TOne, TOther, int> place)
    {
        int next = 0;
        foreach (TOne one in ones)
        {
            // What is too early for this one is too early for all that follow.
            while (next < others.Length && place(one, others[next]) < 0)
            {
                next++;
            }

            if (next < others.Length && place(one, others[next]) == 0)
            {
                next++;
            }
            else
            {
                yield return one;
            }
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private sealed record Recorded(DateTimeOffset Time, int Least, int Most, string What);
}
