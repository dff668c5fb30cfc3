using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sam.Core.Encryption;

/// <summary>The key derivation of ECDH-ES (RFC 7518 section 4.6.2): SHA-256, one round, which is enough for keys of up to 256 bits.</summary>
internal static class ConcatKdf
{
    /// <summary>The key. The caller clears it.</summary>
    internal static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, SHA256.HashSizeInBits);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, 1);
        hash.AppendData(secret);
        AppendField(hash, algorithm);
        AppendField(hash, partyU);
        AppendField(hash, partyV);
        AppendNumber(hash, bits);
        return hash.GetHashAndReset()[..(bits / 8)];
    }

    private static void AppendField(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        AppendNumber(hash, field.Length);
        hash.AppendData(field);
    }

    private static void AppendNumber(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
