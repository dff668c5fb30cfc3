using System.Globalization;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// Where transactions stand: 4,096 partitions by the first digits of the random id spread the load, and the row key begins with the minute after which the row may be purged,
/// so that a purge reads a range of row keys per partition and nobody scans on a request.
/// </summary>
internal static class TransactionRows
{
    internal const int PartitionDigits = 3;

    internal static RowAddress Address(TransactionId id, uint purgeMinute) => new(
        SamTable.Transactions,
        PartitionOf(id),
        string.Create(CultureInfo.InvariantCulture, $"{purgeMinute:d10}-{id.Value}"));

    internal static string PartitionOf(TransactionId id) => id.Value[..PartitionDigits];

    /// <summary>Whether a row of the partition is the transaction's, whatever its purge minute.</summary>
    internal static bool IsOf(TransactionId id, RowAddress address) => address.RowKey.EndsWith("-" + id.Value, StringComparison.Ordinal);

    internal static uint PurgeMinute(DateTimeOffset time) => checked((uint)((time.ToUnixTimeSeconds() / 60) + 1));
}
