using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Core.Sealing;

/// <summary>
/// The SAM's own P-256 key in the HSM: what it says under this key, nobody says who merely holds a process's memory and so the data key (security decision 17).
/// Each kind of statement begins with a tag of its own (<see cref="AssociatedData.Of"/>), so that none passes for another.
/// </summary>
internal sealed class ModuleIdentity
{
    private static SignatureAlgorithm Algorithm => SignatureAlgorithm.EcdsaSha256;

    private readonly IKeyBackend _backend;
    private readonly byte[] _subjectPublicKeyInfo;

    internal ModuleIdentity(IKeyBackend backend, KeyReference key, byte[] subjectPublicKeyInfo)
    {
        _backend = backend;
        Key = key;
        _subjectPublicKeyInfo = subjectPublicKeyInfo;
    }

    /// <summary>The key's name in the HSM.</summary>
    internal KeyReference Key { get; }

    /// <summary>The public key, DER.</summary>
    internal ReadOnlyMemory<byte> SubjectPublicKeyInfo => _subjectPublicKeyInfo;

    /// <summary>ECDSA over the statement's SHA-256, R‖S, 64 bytes; verified before it is given away.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses, or gave what does not verify.</exception>
    internal async Task<byte[]> SignAsync(ReadOnlyMemory<byte> statement, CancellationToken cancellationToken)
    {
        byte[] signature = await SignDigestAsync(SHA256.HashData(statement.Span), cancellationToken);
        return Verify(statement.Span, signature) ? signature : throw new KeyBackendException(KeyBackendFailure.Rejected, "The HSM's signature of the SAM does not verify.");
    }

    /// <summary>For formats that hash by themselves, such as CMS: who uses it verifies what comes back.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal async Task<byte[]> SignDigestAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        Digest.TryCreate(HashAlgorithm.Sha256, sha256.Span, out Digest? digest)
            ? (await _backend.SignDigestsAsync(Key, Algorithm, [digest], cancellationToken))[0]
            : throw new ArgumentException("SHA-256 gives 32 bytes.", nameof(sha256));

    /// <summary>Whether the SAM said this. It needs no HSM.</summary>
    internal bool Verify(ReadOnlySpan<byte> statement, ReadOnlySpan<byte> signature)
    {
        // Made anew each time: an ECDsa object is one caller's at a time.
        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_subjectPublicKeyInfo, out _);
        return key.VerifyData(statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
