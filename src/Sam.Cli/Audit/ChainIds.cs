using System.Buffers;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Chain ids as they stand in addresses, checkpoints and witnesses.</summary>
internal static class ChainIds
{
    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    internal static bool IsOne(ReadOnlySpan<char> text) => text.Length == AuditFormat.ChainIdSize && !text.ContainsAnyExcept(_digits);
}
