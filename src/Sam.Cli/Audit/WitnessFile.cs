using System.Buffers;
using System.Globalization;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Heads that were kept away from the audit's storage: lines <c>CHAIN SEQUENCE HASH</c>.</summary>
internal static class WitnessFile
{
    /// <summary>The heads and the lines they stand in; null for a line that is none, as a process leaves that ends in the middle of one.</summary>
    internal static IEnumerable<(long Line, ChainHead? Head)> Read(string path)
    {
        long number = 0;
        foreach (string line in File.ReadLines(path).Where(text => ++number > 0 && text.Length > 0))
        {
            yield return (number, Parse(line));
        }
    }

    private static ChainHead? Parse(string line)
    {
        string[] parts = line.Split(' ');
        byte[] hash = new byte[AuditFormat.HashSize];
        return parts.Length == 3 && ChainIds.IsOne(parts[0])
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            && parts[2].Length == 2 * AuditFormat.HashSize && Convert.FromHexString(parts[2], hash, out _, out _) == OperationStatus.Done
            ? new ChainHead(parts[0], sequence, hash)
            : null;
    }
}
