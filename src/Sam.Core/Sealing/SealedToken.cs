using System.Buffers.Text;
using Sam.Core.Values;

namespace Sam.Core.Sealing;

/// <summary>What the SAM gives out to have it back later: sealed, base64url, so that nobody else reads, makes or changes it.</summary>
internal static class SealedToken
{
    private const int LongestText = 4_096;

    internal static SecretText Seal(Envelope envelope, string purpose, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext) =>
        new(Base64Url.EncodeToString(envelope.Seal(purpose, associatedData, plaintext)));

    /// <summary>What was sealed under the same purpose and associated data; null for anything else.</summary>
    internal static byte[]? Open(Envelope envelope, string purpose, ReadOnlySpan<byte> associatedData, SecretText text)
    {
        try
        {
            return text.Length > LongestText ? null : envelope.Open(purpose, associatedData, Base64Url.DecodeFromChars(text.Reveal()));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
