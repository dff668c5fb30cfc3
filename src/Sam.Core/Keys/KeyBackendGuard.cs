using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Keys;

/// <summary>
/// Stands in front of every backend for signing: validates once, and lets no signature out that the public key does not verify
/// (SIG-5, T-USE-8: a fault in the HSM, or a lie on the way from it, must not leave as a signature).
/// </summary>
internal sealed class KeyBackendGuard
{
    private readonly IKeyBackend _backend;

    internal KeyBackendGuard(IKeyBackend backend) => _backend = backend;

    /// <summary>
    /// Signs each digest once. RSA signatures have the modulus' length, ECDSA ones are DER (RFC 3279), in the order of the digests.
    /// Refused with SignatureNotVerified, as a whole, if one does not verify.
    /// </summary>
    /// <exception cref="ArgumentException">Algorithm, key and digests do not go together: a caller's mistake, before the HSM is touched.</exception>
    /// <exception cref="KeyBackendException">As <see cref="IKeyBackend.SignDigestsAsync"/>.</exception>
    internal async Task<Result<IReadOnlyList<byte[]>>> SignAsync(
        SigningKey key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        if (!algorithm.Fits(key.Algorithm) || digests.Count == 0 || digests.Any(d => d.Algorithm != algorithm.Hash))
        {
            throw new ArgumentException("Algorithm, key and digests do not go together.", nameof(algorithm));
        }

        IReadOnlyList<byte[]> raw = await _backend.SignDigestsAsync(key.Reference, algorithm, digests, cancellationToken);
        return raw.Count == digests.Count && Verify(key, algorithm, digests, raw)
            ? Result.Ok(algorithm.Scheme == SignatureScheme.Ecdsa ? [.. raw.Select(signature => EcdsaSignature.ToDer(signature))] : raw)
            : SamErrorCode.SignatureNotVerified;
    }

    private static bool Verify(SigningKey key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, IReadOnlyList<byte[]> signatures)
    {
        if (signatures.Any(s => s.Length != key.Algorithm.SignatureSizeInBytes))
        {
            return false;
        }

        if (algorithm.Scheme == SignatureScheme.Ecdsa)
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
            return All(digests, signatures, (digest, signature) => ecdsa.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }

        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        RSASignaturePadding padding = algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return All(digests, signatures, (digest, signature) => rsa.VerifyHash(digest, signature, algorithm.Hash.BclName, padding));
    }

    private static bool All(IReadOnlyList<Digest> digests, IReadOnlyList<byte[]> signatures, Verifier verify)
    {
        for (int i = 0; i < digests.Count; i++)
        {
            if (!verify(digests[i].Value, signatures[i]))
            {
                return false;
            }
        }

        return true;
    }

    private delegate bool Verifier(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);
}
