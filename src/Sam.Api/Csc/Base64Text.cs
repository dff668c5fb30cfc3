namespace Sam.Api.Csc;

/// <summary>Base64 in its one spelling (RFC 4648 section 4): what was decoded and encoded again is the same text. .NET's own decoder forgives blanks and unused bits.</summary>
internal static class Base64Text
{
    /// <summary>The bytes; null for any other text, and for an empty one.</summary>
    internal static byte[]? Decode(string text)
    {
        byte[] decoded = new byte[(text.Length / 4 * 3) + 3];
        return text.Length > 0
            && Convert.TryFromBase64String(text, decoded, out int length)
            && string.Equals(Convert.ToBase64String(decoded, 0, length), text, StringComparison.Ordinal)
            ? decoded[..length]
            : null;
    }
}
