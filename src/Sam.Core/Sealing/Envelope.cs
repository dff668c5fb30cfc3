using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Randomness;

namespace Sam.Core.Sealing;

/// <summary>
/// AES-256-GCM for rows and tokens (security decision 15). Layout, the same from the first row on:
/// version (1) ‖ data-key id (8) ‖ process salt (16) ‖ counter (8, big-endian) ‖ ciphertext ‖ tag (16).
/// </summary>
/// <remarks>
/// The key is HKDF-SHA-256(data key, process salt, purpose); the nonce is four zero bytes and the counter. The salt is random per process and the counter never
/// repeats in one, so there is no 2³² bound over all instances as there is for random nonces. Version, key id, salt and counter
/// are bound by being what key and nonce are made of, and by standing in the associated data.
/// </remarks>
internal sealed class Envelope
{
    internal const int Overhead = HeaderSize + TagSize;

    private const byte Version = 1;
    private const int SaltSize = 16;
    private const int SaltOffset = 1 + DataKey.IdSizeInBytes;
    private const int CounterOffset = SaltOffset + SaltSize;
    private const int HeaderSize = CounterOffset + sizeof(ulong);
    private const int TagSize = 16;
    private const int NonceSize = 12;

    // Other processes' keys, found again for each row they wrote: HKDF costs more than opening a row. Lost without harm.
    private const int MaxCachedKeys = 512;

    private readonly DataKey _dataKey;
    private readonly byte[] _salt = RandomSource.GetBytes(SaltSize);
    private readonly ConcurrentDictionary<(string Purpose, UInt128 Salt), byte[]> _keys = new();
    private ulong _counter;

    internal Envelope(DataKey dataKey) => _dataKey = dataKey;

    internal byte[] Seal(string purpose, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        byte[] sealedBytes = new byte[HeaderSize + plaintext.Length + TagSize];
        Span<byte> header = sealedBytes.AsSpan(0, HeaderSize);
        header[0] = Version;
        _dataKey.Id.CopyTo(header[1..]);
        _salt.CopyTo(header[SaltOffset..]);
        BinaryPrimitives.WriteUInt64BigEndian(header[CounterOffset..], Interlocked.Increment(ref _counter));

        using AesGcm aes = new(KeyFor(purpose, _salt), TagSize);
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(header, nonce);
        aes.Encrypt(nonce, plaintext, sealedBytes.AsSpan(HeaderSize, plaintext.Length), sealedBytes.AsSpan(HeaderSize + plaintext.Length),
            [.. header, .. associatedData]);
        return sealedBytes;
    }

    /// <summary>Opens what <see cref="Seal"/> gave under the same purpose and associated data; null for anything else.</summary>
    internal byte[]? Open(string purpose, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < Overhead || sealedBytes[0] != Version || !sealedBytes.Slice(1, DataKey.IdSizeInBytes).SequenceEqual(_dataKey.Id))
        {
            return null;
        }

        ReadOnlySpan<byte> header = sealedBytes[..HeaderSize];
        byte[] plaintext = new byte[sealedBytes.Length - Overhead];
        using AesGcm aes = new(KeyFor(purpose, header.Slice(SaltOffset, SaltSize)), TagSize);
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(header, nonce);
        try
        {
            aes.Decrypt(nonce, sealedBytes[HeaderSize..^TagSize], sealedBytes[^TagSize..], plaintext, [.. header, .. associatedData]);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static void WriteNonce(ReadOnlySpan<byte> header, Span<byte> nonce)
    {
        nonce.Clear();
        header.Slice(CounterOffset, sizeof(ulong)).CopyTo(nonce[(NonceSize - sizeof(ulong))..]);
    }

    private byte[] KeyFor(string purpose, ReadOnlySpan<byte> salt)
    {
        (string, UInt128) id = (purpose, BinaryPrimitives.ReadUInt128BigEndian(salt));
        if (_keys.TryGetValue(id, out byte[]? key))
        {
            return key;
        }

        key = new byte[DataKey.SizeInBytes];
        _dataKey.Derive(salt, Encoding.UTF8.GetBytes($"sam/seal/1/{purpose}"), key);
        if (_keys.Count >= MaxCachedKeys)
        {
            // An attacker who writes rows with random salts fills the cache with keys of no use; start again.
            _keys.Clear();
        }

        return _keys.GetOrAdd(id, key);
    }
}
