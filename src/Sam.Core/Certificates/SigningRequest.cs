using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Values;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Core.Certificates;

/// <summary>Makes certification requests (PKCS#10, RFC 2986) for keys whose private halves never leave the HSM.</summary>
internal static class SigningRequest
{
    /// <summary>The algorithm of a request's own signature: PKCS#1 v1.5 with SHA-256, which every authority reads, or ECDSA with the curve's hash.</summary>
    internal static SignatureAlgorithm AlgorithmFor(KeyAlgorithm key) =>
        key.IsRsa ? SignatureAlgorithm.RsaSha256 : SignatureAlgorithm.All.First(a => a.Fits(key));

    /// <summary>A request for this key in this name, DER. The guard has verified its signature. Refused with SignatureNotVerified.</summary>
    /// <param name="subject">As registered; nothing else goes into it.</param>
    /// <param name="key">The key, as the binding signed by the SAM has it.</param>
    /// <param name="guard">The HSM.</param>
    /// <param name="cancellationToken">Gives up while nothing has reached the HSM.</param>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal static async Task<Result<byte[]>> CreateAsync(SubjectName subject, SigningKey key, KeyBackendGuard guard, CancellationToken cancellationToken)
    {
        SignatureAlgorithm algorithm = AlgorithmFor(key.Algorithm);
        PublicKey publicKey = PublicKey.CreateFromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
        CertificateRequest request = new(
            subject.ToDistinguishedName(), publicKey, algorithm.Hash.BclName, algorithm.Scheme == SignatureScheme.Ecdsa ? null : RSASignaturePadding.Pkcs1);
        if (subject.Email is { } email)
        {
            request.CertificateExtensions.Add(NameReader.OfMailAddress(email));
        }

        Refusal? refusal = null;
        byte[] der = await new RequestedSignature(publicKey, AlgorithmIdentifier(algorithm)).BuildAsync(request.CreateSigningRequest, SignAsync);
        return refusal is null ? der : refusal;

        async Task<byte[]> SignAsync(byte[] toBeSigned)
        {
            Result<IReadOnlyList<byte[]>> signed = await guard.SignAsync(key, algorithm, [HashOf(toBeSigned, algorithm.Hash)], cancellationToken);
            return signed.IsRefused(out refusal, out IReadOnlyList<byte[]>? signatures) ? [0] : signatures[0];
        }
    }

    /// <summary>RFC 4055 section 5 (with the NULL), RFC 5758 section 3.2 (without).</summary>
    internal static byte[] AlgorithmIdentifier(SignatureAlgorithm algorithm)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(algorithm.Oid);
            if (algorithm.Scheme == SignatureScheme.RsaPkcs1)
            {
                writer.WriteNull();
            }
        }

        return writer.Encode();
    }

    private static Digest HashOf(byte[] data, HashAlgorithm algorithm) =>
        Digest.TryCreate(algorithm, CryptographicOperations.HashData(algorithm.BclName, data), out Digest? digest)
            ? digest
            : throw new InvalidOperationException("A hash has its algorithm's length.");
}
