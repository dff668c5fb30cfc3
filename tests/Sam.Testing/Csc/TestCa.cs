using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Testing.Csc;

/// <summary>A certification authority of the test run: its certificates name what they are told to.</summary>
public static class TestCa
{
    private static readonly X509Certificate2 _issuer = MakeIssuer();

    /// <summary>The CA's own certificate, DER.</summary>
    public static byte[] Certificate => _issuer.RawData;

    /// <summary>A certificate for a key: DER, valid from yesterday for a year unless told otherwise.</summary>
    public static byte[] Issue(ReadOnlyMemory<byte> subjectPublicKeyInfo, X500DistinguishedName subject, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        PublicKey key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo.Span, out _);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.NonRepudiation, critical: true));
        using ECDsa issuerKey = _issuer.GetECDsaPrivateKey()!;
        using X509Certificate2 certificate = request.Create(
            _issuer.SubjectName,
            X509SignatureGenerator.CreateForECDsa(issuerKey),
            notBefore ?? DateTimeOffset.UtcNow.AddDays(-1),
            notAfter ?? DateTimeOffset.UtcNow.AddYears(1),
            [0x01, .. RandomNumberGenerator.GetBytes(8)]);
        return certificate.RawData;
    }

    private static X509Certificate2 MakeIssuer()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Test CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(10));
    }
}
