using System.Buffers;
using Sam.Core.Randomness;

namespace Sam.Core.Values;

/// <summary>The one spelling of the SAM's own ids: lower-case hexadecimal of a fixed length, so that equal ids have equal text.</summary>
internal static class RandomIds
{
    private static readonly SearchValues<char> _hex = SearchValues.Create("0123456789abcdef");

    internal static string New(int bytes) => RandomSource.GetHex(bytes);

    internal static bool IsHex(ReadOnlySpan<char> text, int bytes) =>
        text.Length == 2 * bytes && !text.ContainsAnyExcept(_hex);
}
