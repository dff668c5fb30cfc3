using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Testing.Certificates;

/// <summary>A certification authority of one test, with a P-256 key: it writes what it is told, mistakes included.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private TestAuthority(string name, DateTimeOffset notBefore, TestAuthority? issuer, Func<CertificateWish, CertificateWish>? change)
    {
        Name = new X500DistinguishedName($"CN={name}");
        CertificateWish wish = new(_key.ExportSubjectPublicKeyInfo(), Name, notBefore, notBefore.AddYears(20))
        {
            IsAuthority = true,
            KeyUsage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
        };
        CertificateDer = (issuer ?? this).Issue(change is null ? wish : change(wish));
    }

    /// <summary>Its name.</summary>
    public X500DistinguishedName Name { get; }

    /// <summary>Its own certificate, DER.</summary>
    public byte[] CertificateDer { get; }

    /// <summary>Its own certificate as a file of anchors has it.</summary>
    public string CertificatePem => PemEncoding.WriteString("CERTIFICATE", CertificateDer);

    /// <summary>Its public key, DER.</summary>
    public byte[] SubjectPublicKeyInfo => _key.ExportSubjectPublicKeyInfo();

    /// <summary>One that nobody vouches for but itself. Its certificate is good for 20 years.</summary>
    public static TestAuthority Root(DateTimeOffset notBefore, string name = "Test root") => new(name, notBefore, null, null);

    /// <summary>One that this one vouches for.</summary>
    public TestAuthority Below(DateTimeOffset notBefore, string name = "Test issuing authority", Func<CertificateWish, CertificateWish>? change = null) => new(name, notBefore, this, change);

    /// <summary>Issues a certificate, DER.</summary>
    public byte[] Issue(CertificateWish wish)
    {
        CertificateRequest request = new(wish.Subject, PublicKey.CreateFromSubjectPublicKeyInfo(wish.SubjectPublicKeyInfo.Span, out _), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(wish.IsAuthority, false, 0, true));
        if (wish.KeyUsage is { } usage)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        }

        if (wish.Purposes.Count > 0)
        {
            OidCollection purposes = [];
            foreach (string purpose in wish.Purposes)
            {
                purposes.Add(new Oid(purpose));
            }

            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, critical: false));
        }

        if (wish.CrlAddress is { } crl)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([crl]));
        }

        if (wish.OcspAddress is { } ocsp)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([ocsp], caIssuersUris: null));
        }

        foreach (X509Extension extension in wish.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        using X509Certificate2 certificate = request.Create(Name, X509SignatureGenerator.CreateForECDsa(_key), wish.NotBefore, wish.NotAfter, serial);
        return certificate.RawData;
    }

    /// <summary>A list of revoked certificates, DER.</summary>
    public byte[] ListRevoked(DateTimeOffset thisUpdate, DateTimeOffset nextUpdate, params IReadOnlyList<byte[]> revoked)
    {
        CertificateRevocationListBuilder builder = new();
        foreach (byte[] der in revoked)
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            builder.AddEntry(certificate, thisUpdate, X509RevocationReason.KeyCompromise);
        }

        X509AuthorityKeyIdentifierExtension authority = X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(SHA256.HashData(SubjectPublicKeyInfo).AsSpan(0, 20));
        return builder.Build(Name, X509SignatureGenerator.CreateForECDsa(_key), 1, nextUpdate, HashAlgorithmName.SHA256, authority, thisUpdate);
    }

    /// <summary>Signs: ECDSA over SHA-256, DER.</summary>
    public byte[] Sign(byte[] data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>Its private key, PKCS#8.</summary>
    public byte[] ExportPrivateKey() => _key.ExportPkcs8PrivateKey();

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
