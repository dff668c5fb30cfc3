using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Values;

/// <summary>Base64url in its one spelling: no white space, no padding, no bits behind the last byte. What is compared, or was signed as text, has no second one.</summary>
internal static class CanonicalBase64Url
{
    internal static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        try
        {
            bytes = Base64Url.DecodeFromChars(text);
            return Base64Url.EncodeToString(bytes) == text;
        }
        catch (FormatException)
        {
            bytes = null;
            return false;
        }
    }
}
