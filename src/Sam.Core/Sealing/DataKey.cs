using System.Security.Cryptography;

namespace Sam.Core.Sealing;

/// <summary>The key that everything at rest is sealed under: 32 random bytes, in the clear only in the memory of a running process (security decision 17).</summary>
internal sealed class DataKey : IDisposable
{
    internal const int SizeInBytes = 32;
    internal const int IdSizeInBytes = 8;

    private readonly byte[] _id;
    private readonly byte[] _secret;
    private readonly Lock _lock = new();
    private bool _cleared;

    internal DataKey(ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(id.Length, IdSizeInBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SizeInBytes);
        _id = id.ToArray();
        _secret = secret.ToArray();
    }

    internal ReadOnlySpan<byte> Id => _id;

    /// <summary>A key of 32 bytes for one purpose and one process: no two processes ever use one AES-GCM key, so their nonces cannot meet.</summary>
    /// <exception cref="ObjectDisposedException">The key was cleared: a request that outlives its process's key must not seal under zeros.</exception>
    internal void Derive(ReadOnlySpan<byte> processSalt, ReadOnlySpan<byte> purpose, Span<byte> key)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_cleared, this);
            HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, key, processSalt, purpose);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _cleared = true;
            CryptographicOperations.ZeroMemory(_secret);
        }
    }
}
