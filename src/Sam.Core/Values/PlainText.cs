using System.Text;

namespace Sam.Core.Values;

/// <summary>What a text must be before it is hashed, kept or compared.</summary>
internal static class PlainText
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>False for halves of surrogate pairs: all of them have the same UTF-8, so texts that differ would look alike to a hash.</summary>
    internal static bool IsWellFormed(string text)
    {
        try
        {
            _ = _strict.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>1 to <paramref name="longest"/> characters, none of them a control character or half a pair.</summary>
    internal static bool IsLine(string? text, int longest) => text is { Length: > 0 } && text.Length <= longest && !text.Any(char.IsControl) && IsWellFormed(text);
}
