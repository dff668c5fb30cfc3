using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Sam.Core.Factors;

/// <summary>Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, steps of 30 seconds, as every authenticator app has them.</summary>
internal static class Totp
{
    /// <summary>The length of a secret: that of the hash (RFC 4226 section 4).</summary>
    internal const int SecretSize = 20;

    private const int Digits = 6;
    private const int Modulus = 1_000_000;
    private const int StepSeconds = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The number of the step that a moment is in.</summary>
    internal static long StepOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The password of a step.</summary>
    internal static string Compute(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238's own; HMAC does not need a hash without collisions.
        byte[] hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        uint truncated = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 0xf)) & 0x7fff_ffff;
        return (truncated % Modulus).ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');
    }

    /// <summary>What an authenticator app reads (Key Uri Format).</summary>
    internal static string ToUri(string issuer, string user, ReadOnlySpan<byte> secret) => string.Create(
        CultureInfo.InvariantCulture,
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(user)}?secret={ToBase32(secret)}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={StepSeconds}");

    /// <summary>RFC 4648 section 6 without padding; 20 bytes are 32 characters.</summary>
    internal static string ToBase32(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[((bytes.Length * 8) + 4) / 5];
        for (int i = 0; i < text.Length; i++)
        {
            int bit = i * 5;
            int pair = (bytes[bit / 8] << 8) | (bit / 8 < bytes.Length - 1 ? bytes[(bit / 8) + 1] : 0);
            text[i] = Base32[(pair >> (11 - (bit % 8))) & 31];
        }

        return new string(text);
    }
}
