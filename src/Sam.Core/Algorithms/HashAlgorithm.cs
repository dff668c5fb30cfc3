using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sam.Core.Algorithms;

/// <summary>The hash algorithms whose digests may be signed. The set is closed (CSC API 2.0 clause 11.10: SHA-256 or stronger).</summary>
public sealed class HashAlgorithm
{
    private HashAlgorithm(string name, string oid, int sizeInBytes, HashAlgorithmName bcl, ReadOnlySpan<byte> digestInfoPrefix)
    {
        Name = name;
        Oid = oid;
        SizeInBytes = sizeInBytes;
        BclName = bcl;
        DigestInfoPrefix = digestInfoPrefix.ToArray();
    }

    /// <summary>SHA-256.</summary>
    public static HashAlgorithm Sha256 { get; } = new("SHA-256", "2.16.840.1.101.3.4.2.1", 32, HashAlgorithmName.SHA256,
        [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20]);

    /// <summary>SHA-384.</summary>
    public static HashAlgorithm Sha384 { get; } = new("SHA-384", "2.16.840.1.101.3.4.2.2", 48, HashAlgorithmName.SHA384,
        [0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30]);

    /// <summary>SHA-512.</summary>
    public static HashAlgorithm Sha512 { get; } = new("SHA-512", "2.16.840.1.101.3.4.2.3", 64, HashAlgorithmName.SHA512,
        [0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40]);

    /// <summary>All members.</summary>
    public static IReadOnlyList<HashAlgorithm> All { get; } = [Sha256, Sha384, Sha512];

    /// <summary>The name in FIPS 180-4.</summary>
    public string Name { get; }

    /// <summary>The object identifier, dotted.</summary>
    public string Oid { get; }

    /// <summary>The digest's length in bytes.</summary>
    public int SizeInBytes { get; }

    /// <summary>The same algorithm as the BCL names it.</summary>
    public HashAlgorithmName BclName { get; }

    /// <summary>The DER bytes before the digest in a <c>DigestInfo</c> (RFC 8017 section 9.2, note 1).</summary>
    internal ReadOnlyMemory<byte> DigestInfoPrefix { get; }

    /// <summary>Finds the algorithm by its dotted object identifier; false for any other text.</summary>
    public static bool TryFromOid(string? oid, [NotNullWhen(true)] out HashAlgorithm? algorithm)
    {
        algorithm = All.FirstOrDefault(a => a.Oid == oid);
        return algorithm is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
