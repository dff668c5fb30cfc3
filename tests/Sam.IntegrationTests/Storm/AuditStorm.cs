using System.Globalization;
using System.Security.Cryptography;
using Sam.Cli.Audit;
using Sam.Core.Audit;
using Sam.Core.Rows;

namespace Sam.IntegrationTests.Storm;

/// <summary>
/// What must be seen of a change to the audit by whoever has the SAM's certificate, with and without the file of heads: all, but an end that nobody has a head of. Said from who knows what, and held against the
/// verifier.
/// </summary>
internal sealed class AuditStorm
{
    private readonly SortedDictionary<(string Partition, string Row), byte[]> _rows = new(Comparer<(string Partition, string Row)>.Create(Compare));
    private readonly ECDsa _identity;
    private readonly IReadOnlyList<ChainHead> _witnessed;

    /// <summary>The audit of hosts that have ended.</summary>
    /// <param name="honest">As they wrote it.</param>
    /// <param name="identity">The SAM's key.</param>
    /// <param name="heads">The file of heads.</param>
    internal AuditStorm(IEnumerable<HonestWrite> honest, ECDsa identity, string heads)
    {
        foreach (HonestWrite row in honest)
        {
            _rows[(row.Address.PartitionKey, row.Address.RowKey)] = row.Content!;
        }

        _identity = identity;
        _witnessed = [.. WitnessFile.Read(heads).Select(line => line.Head).OfType<ChainHead>()];
    }

    /// <summary>The verifier's word on the rows with some of them changed; null: all is well.</summary>
    internal string? Verify(IEnumerable<Attack> changes, bool withWitness)
    {
        SortedDictionary<(string Partition, string Row), byte[]> rows = Changed(changes);
        using AuditVerifier verifier = new(_identity);
        foreach (((string partition, string row), byte[] content) in rows)
        {
            if (verifier.Take(new AuditRow(partition, row, content)) is { } fault)
            {
                return fault.ToString();
            }
        }

        return (verifier.Finish() ?? (withWitness ? _witnessed.Select(head => verifier.Compare(head, "the witness")).FirstOrDefault(fault => fault is not null) : null))?.ToString();
    }

    /// <summary>Whether changes are at ends that nobody has a head of: rows behind the last head that is known, with no row left behind them; and checkpoints that were cut off with none left behind them.</summary>
    internal bool IsUnwitnessed(IReadOnlyList<Attack> changes, bool withWitness)
    {
        SortedDictionary<(string Partition, string Row), byte[]> rows = Changed(changes);
        Dictionary<string, long> known = new(StringComparer.Ordinal);
        foreach (ChainHead head in rows.Where(r => IsCheckpoint(r.Key.Partition) && _rows.TryGetValue(r.Key, out byte[]? honest) && honest.AsSpan().SequenceEqual(r.Value))
            .SelectMany(r => CheckpointContent.Read(r.Value) is { } checkpoint ? [checkpoint.Head, .. checkpoint.Others] : Array.Empty<ChainHead>())
            .Concat(withWitness ? _witnessed : []))
        {
            known[head.ChainId] = Math.Max(head.Sequence, known.GetValueOrDefault(head.ChainId, -1));
        }

        HashSet<(string, string)> changed = [.. changes.Select(c => (c.Address.PartitionKey, c.Address.RowKey))];
        return changes.All(change => _rows.ContainsKey((change.Address.PartitionKey, change.Address.RowKey)) && (IsCheckpoint(change.Address.PartitionKey)
            ? change.Content is null && !rows.Keys.Any(r => IsCheckpoint(r.Partition) && ChainOf(r) == ChainOf(Key(change)) && string.CompareOrdinal(r.Row, change.Address.RowKey) > 0)
            : SequenceOf(change) > known.GetValueOrDefault(ChainOf(Key(change)), -1)
                && _rows.Keys.Where(r => !IsCheckpoint(r.Partition) && ChainOf(r) == ChainOf(Key(change)) && long.Parse(r.Row, CultureInfo.InvariantCulture) > SequenceOf(change)).All(changed.Contains)));
    }

    /// <summary>The rows of the last part of some chain, and, as often as not, the checkpoints over it.</summary>
    internal IReadOnlyList<RowAddress> End(Random random)
    {
        string[] chains = [.. _rows.Keys.Where(r => !IsCheckpoint(r.Partition)).Select(ChainOf).Distinct()];
        string chain = chains[random.Next(chains.Length)];
        (string Partition, string Row)[] rows = [.. _rows.Keys.Where(r => !IsCheckpoint(r.Partition) && ChainOf(r) == chain)];
        int kept = random.Next(4) switch { 0 => 0, 1 => random.Next(rows.Length), _ => Math.Max(0, rows.Length - 1 - random.Next(3)) };
        IEnumerable<(string Partition, string Row)> cut = rows.Skip(kept);
        if (random.Next(2) == 0)
        {
            cut = cut.Concat(_rows.Where(r => IsCheckpoint(r.Key.Partition) && ChainOf(r.Key) == chain && CheckpointContent.Read(r.Value)!.Head.Sequence >= kept).Select(r => r.Key));
        }

        return [.. cut.Select(r => new RowAddress(SamTable.Audit, r.Partition, r.Row))];
    }

    /// <summary>Whether the verifier's word is about one of these rows, or its neighbour: it names the chain.</summary>
    internal static bool Names(string fault, IEnumerable<Attack> changes) =>
        changes.Any(change => fault.Contains(ChainOf(Key(change)), StringComparison.Ordinal) || fault.Contains(change.Address.RowKey, StringComparison.Ordinal));

    private SortedDictionary<(string Partition, string Row), byte[]> Changed(IEnumerable<Attack> changes)
    {
        SortedDictionary<(string Partition, string Row), byte[]> rows = new(_rows, _rows.Comparer);
        foreach (Attack change in changes)
        {
            if (change.Content is { } content)
            {
                rows[Key(change)] = content;
            }
            else
            {
                _ = rows.Remove(Key(change));
            }
        }

        return rows;
    }

    private static (string Partition, string Row) Key(Attack change) => (change.Address.PartitionKey, change.Address.RowKey);

    private static bool IsCheckpoint(string partition) => partition.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal);

    private static string ChainOf((string Partition, string Row) row) => IsCheckpoint(row.Partition) ? row.Row[(row.Row.LastIndexOf('-') + 1)..] : row.Partition.Split('-')[0];

    private static long SequenceOf(Attack change) => long.TryParse(change.Address.RowKey, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence) ? sequence : -1;

    private static int Compare((string Partition, string Row) one, (string Partition, string Row) other)
    {
        int byPartition = string.CompareOrdinal(one.Partition, other.Partition);
        return byPartition != 0 ? byPartition : string.CompareOrdinal(one.Row, other.Row);
    }
}
