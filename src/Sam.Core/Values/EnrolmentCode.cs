using System.Security.Cryptography;
using System.Text;
using Sam.Core.Randomness;

namespace Sam.Core.Values;

/// <summary>A code that is handed to somebody by another way than their login: 128 random bits, which nobody guesses, so that attempts need no count (security decisions 22, 23).</summary>
internal static class EnrolmentCode
{
    // Without letters and digits that look alike. 26 of 31 characters are 128.8 bits; in groups, for those who type it.
    private const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    private const int Characters = 26;
    private const int GroupSize = 5;

    internal static SecretText New()
    {
        string code = RandomSource.GetString(Alphabet, Characters);
        return new SecretText(string.Join('-', code.Chunk(GroupSize).Select(group => new string(group))));
    }

    internal static EnrolmentCodeRow ToRow(SecretText code, DateTimeOffset expiresAt) => new(DigestOf(code), expiresAt);

    /// <summary>Whether this is the code, and its time is not over.</summary>
    internal static bool IsValid(EnrolmentCodeRow? given, SecretText code, DateTimeOffset now) =>
        given is not null && CryptographicOperations.FixedTimeEquals(DigestOf(code), given.Digest) && now < given.ExpiresAt;

    /// <summary>Typed in small letters, or without the dashes, it is the same.</summary>
    private static byte[] DigestOf(SecretText code) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(code.Reveal().Replace("-", string.Empty, StringComparison.Ordinal).Trim().ToUpperInvariant()));
}

/// <summary>A code that was given out: its digest, and its end.</summary>
/// <param name="Digest">SHA-256 of the code's UTF-8. A code has 128 random bits, so nothing slower is needed.</param>
/// <param name="ExpiresAt">By the store's clock.</param>
internal sealed record EnrolmentCodeRow(byte[] Digest, DateTimeOffset ExpiresAt);
