using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;

namespace Sam.Core.Certificates;

/// <summary>
/// The certificate of the SAM's own key, signed by itself: what registration authorities are given once, by a way they trust, and verify certification requests with (security decision 24).
/// </summary>
public static class IdentityCertificate
{
    private const int Years = 10;

    // The clock of whoever verifies may be behind.
    private static readonly TimeSpan _backdating = TimeSpan.FromMinutes(5);

    /// <summary>Makes a certificate for a P-256 key: <c>CN=FunctionsSam DEPLOYMENT</c>, ten years, for signatures only. DER.</summary>
    /// <param name="deployment">The deployment's id: up to 50 characters.</param>
    /// <param name="subjectPublicKeyInfo">The key, DER.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="sign">Signs a SHA-256 digest in the HSM: R‖S, 64 bytes.</param>
    /// <param name="cancellationToken">Handed to <paramref name="sign"/>.</param>
    /// <exception cref="CryptographicException">The signature is not by this key.</exception>
    public static async Task<byte[]> CreateAsync(
        string deployment,
        ReadOnlyMemory<byte> subjectPublicKeyInfo,
        DateTimeOffset now,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task<byte[]>> sign,
        CancellationToken cancellationToken)
    {
        PublicKey key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out _);
        X500DistinguishedNameBuilder name = new();
        name.AddCommonName($"FunctionsSam {deployment}");
        X500DistinguishedName subject = name.Build();
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        byte[] serial = CertificateSerial.New();
        RequestedSignature generator = new(key, SigningRequest.AlgorithmIdentifier(SignatureAlgorithm.EcdsaSha256));
        byte[] der = await generator.BuildAsync(
            g =>
            {
                using X509Certificate2 built = request.Create(subject, g, now - _backdating, now.AddYears(Years), serial);
                return built.RawData;
            },
            async toBeSigned =>
            {
                byte[] signature = await sign(SHA256.HashData(toBeSigned), cancellationToken);
                using ECDsa verifier = ECDsa.Create();
                verifier.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out _);
                return verifier.VerifyData(toBeSigned, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                    ? EcdsaSignature.ToDer(signature)
                    : throw new CryptographicException("The signature under the SAM's certificate does not verify.");
            });
        return der;
    }
}
