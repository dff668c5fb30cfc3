using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Api.Certificates;

/// <summary>
/// A certification request as it leaves the SAM: inside CMS SignedData (RFC 5652) under the SAM's own key in the HSM, so that one exchanged on its way to the registration authority is noticed (security decision 24, T-REG-2, T-CSR-1).
/// Signed are the content, its type, the time, and which certificate the key is to be known by (ESS signing-certificate-v2, RFC 5035).
/// </summary>
public static class RequestEnvelope
{
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
    private static readonly Oid _data = new("1.2.840.113549.1.7.1");
    private static readonly Oid _sha256 = new("2.16.840.1.101.3.4.2.1");

    /// <summary>Signs a request. The result has passed <see cref="Open"/>. DER.</summary>
    /// <param name="request">PKCS#10, DER.</param>
    /// <param name="identityCertificate">The certificate of the SAM's own P-256 key, DER; it goes along.</param>
    /// <param name="now">The signing time: the store's clock.</param>
    /// <param name="sign">Signs a SHA-256 digest in the HSM: R‖S, 64 bytes.</param>
    /// <param name="cancellationToken">Handed to <paramref name="sign"/>.</param>
    /// <exception cref="CryptographicException">The signature is not by the certificate's key.</exception>
    public static async Task<byte[]> SealAsync(
        ReadOnlyMemory<byte> request,
        ReadOnlyMemory<byte> identityCertificate,
        DateTimeOffset now,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign,
        CancellationToken cancellationToken)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(identityCertificate.Span);

        // SignedCms waits for no HSM: once to learn what is to be signed, once more, of the same parts, with the signature.
        byte[] digest = LearnDigest(request, certificate, now);
        using AbsentKey signing = new((digest, await sign(digest, cancellationToken)));
        byte[] cms = Build(request, certificate, now, signing);
        return Open(cms, identityCertificate.Span) is { } content && content.AsSpan().SequenceEqual(request.Span)
            ? cms
            : throw new CryptographicException("The signature under the certification request does not verify.");
    }

    /// <summary>
    /// The request inside, if this certificate's key signed it, and nothing else is signed or signs beside it; null otherwise. The certificate is compared with one that the caller trusts, never taken from the envelope.
    /// </summary>
    public static byte[]? Open(ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> identityCertificate)
    {
        try
        {
            using X509Certificate2 trusted = X509CertificateLoader.LoadCertificate(identityCertificate);
            SignedCms cms = new();
            cms.Decode(envelope);
            if (cms.Detached || cms.ContentInfo.ContentType.Value != _data.Value || cms.SignerInfos is not [{ } signer]
                || signer.DigestAlgorithm.Value != _sha256.Value
                || signer.SignerIdentifier.Type != SubjectIdentifierType.IssuerAndSerialNumber
                || !IsNamed(signer.SignedAttributes, trusted))
            {
                return null;
            }

            signer.CheckSignature([trusted], verifySignatureOnly: true);
            return cms.ContentInfo.Content;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] LearnDigest(ReadOnlyMemory<byte> request, X509Certificate2 certificate, DateTimeOffset now)
    {
        using AbsentKey learning = new(null);
        try
        {
            _ = Build(request, certificate, now, learning);
        }
        catch (CryptographicException) when (learning.Asked is not null)
        {
            // It verifies what its key gives it, and this was no signature.
        }

        return learning.Asked ?? throw new InvalidOperationException("Nothing was to be signed.");
    }

    private static byte[] Build(ReadOnlyMemory<byte> request, X509Certificate2 certificate, DateTimeOffset now, ECDsa key)
    {
        SignedCms cms = new(new ContentInfo(_data, request.ToArray()), detached: false);
        CmsSigner signer = new(SubjectIdentifierType.IssuerAndSerialNumber, certificate, key)
        {
            DigestAlgorithm = _sha256,
            IncludeOption = X509IncludeOption.EndCertOnly,
        };

        // Content type and message digest are added by SignedCms.
        signer.SignedAttributes.Add(new Pkcs9SigningTime(now.UtcDateTime));
        signer.SignedAttributes.Add(new AsnEncodedData(SigningCertificateV2, CertificateId(certificate)));
        cms.ComputeSignature(signer, silent: true);
        return cms.Encode();
    }

    /// <summary>SigningCertificateV2 with one ESSCertIDv2: the certificate's SHA-256, which is the default hash and so not named.</summary>
    private static byte[] CertificateId(X509Certificate2 certificate)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(certificate.RawData));
        }

        return writer.Encode();
    }

    private static bool IsNamed(CryptographicAttributeObjectCollection attributes, X509Certificate2 certificate) =>
        attributes.Cast<CryptographicAttributeObject>().Where(a => a.Oid.Value == SigningCertificateV2).SelectMany(a => a.Values.Cast<AsnEncodedData>()).ToArray()
            is [{ } value] && value.RawData.AsSpan().SequenceEqual(CertificateId(certificate));

    /// <summary>A key whose private half is elsewhere: says what it was asked to sign, or gives the one signature that it was given.</summary>
    private sealed class AbsentKey : ECDsa
    {
        private readonly (byte[] Digest, byte[] Signature)? _known;

        internal AbsentKey((byte[] Digest, byte[] Signature)? known) => _known = known;

        /// <summary>The digest that was to be signed; null if none was.</summary>
        internal byte[]? Asked { get; private set; }

        public override int KeySize => 256;

        public override byte[] SignHash(byte[] hash)
        {
            Asked = hash;
            return _known is not { } known ? Filler()
                : hash.AsSpan().SequenceEqual(known.Digest) ? known.Signature
                : throw new InvalidOperationException("The second building differs from the first.");
        }

        public override bool VerifyHash(byte[] hash, byte[] signature) => throw new NotSupportedException("It signs only.");

        /// <summary>One and one: takes the place of a signature in what is thrown away.</summary>
        private static byte[] Filler()
        {
            byte[] filler = new byte[64];
            filler[31] = 1;
            filler[63] = 1;
            return filler;
        }
    }
}
