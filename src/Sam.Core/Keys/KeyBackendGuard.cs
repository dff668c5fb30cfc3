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
    // Below it, a thread costs more than it saves.
    private const int SmallestSlice = 16;

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

    /// <summary>On all processors, where there are many.</summary>
    private static bool Verify(SigningKey key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, IReadOnlyList<byte[]> signatures)
    {
        int slices = Math.Clamp(digests.Count / SmallestSlice, 1, Environment.ProcessorCount);
        if (slices == 1)
        {
            return Verify(key, algorithm, digests, signatures, 0, digests.Count);
        }

        bool[] verified = new bool[slices];
        _ = Parallel.For(0, slices, slice => verified[slice] = Verify(
            key, algorithm, digests, signatures, slice * digests.Count / slices, (slice + 1) * digests.Count / slices));
        return verified.All(static v => v);
    }

    private static bool Verify(SigningKey key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, IReadOnlyList<byte[]> signatures, int from, int to)
    {
        if (algorithm.Scheme == SignatureScheme.Ecdsa)
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
            return All((digest, signature) => ecdsa.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }

        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        RSASignaturePadding padding = algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return All((digest, signature) => rsa.VerifyHash(digest, signature, algorithm.Hash.BclName, padding));

        bool All(Verifier verify)
        {
            for (int i = from; i < to; i++)
            {
                if (signatures[i].Length != key.Algorithm.SignatureSizeInBytes || !verify(digests[i].Value, signatures[i]))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private delegate bool Verifier(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);
}
