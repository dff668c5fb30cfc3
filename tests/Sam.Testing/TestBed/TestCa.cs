using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Testing.TestBed;

/// <summary>A certification authority of one test run. It certifies public keys; the SAM's keys sign digests only, so nobody asks them for a PKCS#10 request.</summary>
public sealed class TestCa : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X500DistinguishedName _name = new("CN=Test CA");

    /// <summary>A CA with a fresh key.</summary>
    /// <param name="notBefore">The first second of its own certificate.</param>
    public TestCa(DateTimeOffset notBefore)
    {
        CertificateRequest request = new(_name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(notBefore, notBefore.AddYears(20));
        Certificate = certificate.RawData;
    }

    /// <summary>The CA's own certificate, DER.</summary>
    public byte[] Certificate { get; }

    /// <summary>Certifies a public key: the end entity's certificate, DER.</summary>
    public byte[] Issue(ReadOnlySpan<byte> subjectPublicKeyInfo, string commonName, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        CertificateRequest request = new(
            new X500DistinguishedName($"CN={commonName}"), PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.NonRepudiation, true));
        using X509Certificate2 certificate = request.Create(
            _name, X509SignatureGenerator.CreateForECDsa(_key), notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
        return certificate.RawData;
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
