using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sam.Testing.ManagedHsm;

/// <summary>AES Key Wrap (RFC 3394), which .NET has with padding only. Values of two to nine blocks, as far as the fake HSM takes them.</summary>
internal static class AesKeyWrap
{
    private const int Block = 8;
    private const int Rounds = 6;

    private static readonly byte[] _initialValue = [.. Enumerable.Repeat((byte)0xa6, Block)];

    /// <summary>Null for a value that is not of whole blocks.</summary>
    internal static byte[]? Wrap(byte[] key, byte[] value)
    {
        if (value.Length % Block != 0 || value.Length < 2 * Block)
        {
            return null;
        }

        using Aes aes = Aes.Create();
        aes.Key = key;
        int blocks = value.Length / Block;
        byte[] result = [.. _initialValue, .. value];
        for (int step = 1; step <= Rounds * blocks; step++)
        {
            int at = Block * (1 + ((step - 1) % blocks));
            byte[] mixed = aes.EncryptEcb([.. result[..Block], .. result[at..(at + Block)]], PaddingMode.None);
            Count(mixed, step);
            mixed.AsSpan(0, Block).CopyTo(result);
            mixed.AsSpan(Block).CopyTo(result.AsSpan(at));
        }

        return result;
    }

    /// <summary>Null for a value that this key did not wrap.</summary>
    internal static byte[]? Unwrap(byte[] key, byte[] value)
    {
        if (value.Length % Block != 0 || value.Length < 3 * Block)
        {
            return null;
        }

        using Aes aes = Aes.Create();
        aes.Key = key;
        int blocks = (value.Length / Block) - 1;
        byte[] result = [.. value];
        for (int step = Rounds * blocks; step >= 1; step--)
        {
            int at = Block * (1 + ((step - 1) % blocks));
            byte[] mixed = [.. result[..Block], .. result[at..(at + Block)]];
            Count(mixed, step);
            mixed = aes.DecryptEcb(mixed, PaddingMode.None);
            mixed.AsSpan(0, Block).CopyTo(result);
            mixed.AsSpan(Block).CopyTo(result.AsSpan(at));
        }

        return CryptographicOperations.FixedTimeEquals(result.AsSpan(0, Block), _initialValue) ? result[Block..] : null;
    }

    private static void Count(Span<byte> register, int step) =>
        BinaryPrimitives.WriteUInt64BigEndian(register, BinaryPrimitives.ReadUInt64BigEndian(register) ^ (ulong)step);
}
