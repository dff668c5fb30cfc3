using System.Security.Cryptography;
using System.Text;
using Sam.Core.Values;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Testing.TestBed;

/// <summary>Digests to sign.</summary>
public static class Digests
{
    /// <summary>SHA-256 of a text.</summary>
    public static Digest Of(string text) => Of(HashAlgorithm.Sha256, text);

    /// <summary>The digest of a text.</summary>
    public static Digest Of(HashAlgorithm algorithm, string text) =>
        Digest.TryCreate(algorithm, CryptographicOperations.HashData(algorithm.BclName, Encoding.UTF8.GetBytes(text)), out Digest? digest)
            ? digest
            : throw new InvalidOperationException("The BCL's digest has another length.");

    /// <summary>This many different digests.</summary>
    public static Digest[] Some(int count, HashAlgorithm? algorithm = null) =>
        [.. Enumerable.Range(0, count).Select(i => Of(algorithm ?? HashAlgorithm.Sha256, $"document {i}"))];
}
