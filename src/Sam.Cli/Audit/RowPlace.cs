using System.Globalization;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Which row of which chain belongs at an address.</summary>
internal readonly record struct RowPlace(string Chain, long Sequence)
{
    private const int PartitionDigits = 10;
    private const int SequenceDigits = 12;

    /// <summary>Null for an address that no row of a chain has.</summary>
    internal static RowPlace? Of(AuditRow row)
    {
        string partition = row.Partition;
        return partition.Length == AuditFormat.ChainIdSize + 1 + PartitionDigits && partition[AuditFormat.ChainIdSize] == '-'
            && ChainIds.IsOne(partition.AsSpan(0, AuditFormat.ChainIdSize))
            && IsNumber(partition.AsSpan(AuditFormat.ChainIdSize + 1), PartitionDigits, out long part)
            && IsNumber(row.Row, SequenceDigits, out long sequence)
            && part == sequence / AuditFormat.RowsPerPartition
            ? new RowPlace(partition[..AuditFormat.ChainIdSize], sequence)
            : null;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, int digits, out long number)
    {
        number = 0;
        return text.Length == digits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
