using System.Security.Cryptography;
using Sam.Core.Keys;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Audit;

/// <summary>
/// The key that a chain's rows are MAC'd with. It turns forward with each row and forgets what it was: who takes a process's memory, data key and all, cannot make another row
/// in the place of one that was written before. The HSM can make the first key again, and so all.
/// </summary>
internal sealed class AuditRatchet
{
    private readonly byte[] _key;

    private AuditRatchet(string chainId, byte[] key)
    {
        ChainId = chainId;
        _key = key;
    }

    /// <summary>The chain: 32 hexadecimal characters.</summary>
    internal string ChainId { get; }

    /// <summary>The ratchet of a new chain, by one call of the HSM.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal static async Task<AuditRatchet> OpenAsync(IMacKeys mac, KeyReference key, CancellationToken cancellationToken)
    {
        string chainId = OperationId.New().Value;
        return Of(chainId, await mac.ComputeMacAsync(key, AssociatedData.Of("sam-audit-ratchet/1", chainId), cancellationToken));
    }

    /// <summary>The ratchet of a chain at its first row.</summary>
    internal static AuditRatchet Of(string chainId, byte[] firstKey) => new(chainId, firstKey);

    /// <summary>The MAC under the key as it stands.</summary>
    internal void Tag(ReadOnlySpan<byte> statement, Span<byte> tag) => HMACSHA256.HashData(_key, statement, tag);

    /// <summary>Forgets the key of the row that was written.</summary>
    internal void Turn()
    {
        Span<byte> next = stackalloc byte[AuditFormat.HashSize];
        HMACSHA256.HashData(_key, "sam-audit-ratchet/next"u8, next);
        next.CopyTo(_key);
        CryptographicOperations.ZeroMemory(next);
    }
}
