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
        id.Value[..PartitionDigits],
        string.Create(CultureInfo.InvariantCulture, $"{purgeMinute:d10}-{id.Value}"));

    internal static uint PurgeMinute(DateTimeOffset time) => checked((uint)((time.ToUnixTimeSeconds() / 60) + 1));
}
