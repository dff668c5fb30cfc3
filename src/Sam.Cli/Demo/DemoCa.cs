using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Cli.Demo;

/// <summary>
/// A certification authority for one run: a P-256 key that lives in this process only. Its certificates say that a key belongs to a
/// name because the SAM's request says so; they are for trying things out.
/// </summary>
internal sealed class DemoCa : IDisposable
{
    // A client's clock may be behind the SAM's.
    private static readonly TimeSpan _backdating = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal DemoCa(TimeProvider clock)
    {
        _clock = clock;
        var request = new CertificateRequest(Name($"FunctionsSam demo CA {RandomNumberGenerator.GetHexString(8, lowercase: true)}"), _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));

        // A day longer than what it signs, so that no leaf outlives it.
        DateTimeOffset now = clock.GetUtcNow();
        Certificate = request.CreateSelfSigned(now - _backdating, now.AddYears(1).AddDays(1));
    }

    /// <summary>The CA's own certificate, self-signed.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>Certifies a request, with the chain behind it.</summary>
    internal IReadOnlyList<byte[]> CertifyRequest(X500DistinguishedName subject, byte[] subjectPublicKeyInfo)
    {
        using X509Certificate2 certificate = Certify(subject, subjectPublicKeyInfo);
        return [certificate.RawData, Certificate.RawData];
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    /// <summary>An end-entity certificate for signatures, valid for a year.</summary>
    /// <param name="subject">The signer, as the certification request names them.</param>
    /// <param name="subjectPublicKeyInfo">The public key as the SAM gave it, DER; it stands in the certificate byte for byte.</param>
    /// <exception cref="CommandFailure">The bytes are no public key.</exception>
    internal X509Certificate2 Certify(X500DistinguishedName subject, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var request = new CertificateRequest(subject, Parse(subjectPublicKeyInfo), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));

        DateTimeOffset now = _clock.GetUtcNow();
        return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), now - _backdating, now.AddYears(1), Serial());
    }

    private static PublicKey Parse(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            PublicKey key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out int read);
            return read == subjectPublicKeyInfo.Length ? key : throw new CommandFailure("The SAM's public key has bytes after its end.");
        }
        catch (CryptographicException e)
        {
            throw new CommandFailure("The SAM's public key is not a SubjectPublicKeyInfo in DER.", innerException: e);
        }
    }

    private static X500DistinguishedName Name(string commonName)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        return name.Build();
    }

    /// <summary>16 random bytes, positive and without a leading zero (RFC 5280 section 4.1.2.2).</summary>
    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }
}
