using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Certificates;
using Sam.Core.Results;

namespace Sam.Cli.Admin;

/// <summary>A certification request out of the CMS in which it left the SAM, judged here and not by what the SAM says of it.</summary>
internal sealed class SealedRequest
{
    private readonly CertificateRequest _request;

    private SealedRequest(byte[] pkcs10, CertificateRequest request)
    {
        Pkcs10 = pkcs10;
        _request = request;
    }

    /// <summary>The request, DER.</summary>
    internal byte[] Pkcs10 { get; }

    /// <summary>Whom the certificate is asked for.</summary>
    internal X500DistinguishedName Subject => _request.SubjectName;

    /// <summary>Opens it if the SAM's own key signed it, and the request is signed by the key that it is for; null otherwise.</summary>
    internal static SealedRequest? Open(byte[] cms, byte[] identityCertificate)
    {
        try
        {
            using X509Certificate2 trusted = X509CertificateLoader.LoadCertificate(identityCertificate);
            SignedCms signed = new();
            signed.Decode(cms);
            if (signed.Detached || signed.SignerInfos.Count != 1)
            {
                return null;
            }

            // By the certificate that the caller trusts: the ones inside are not looked at.
            signed.SignerInfos[0].CheckSignature([trusted], verifySignatureOnly: true);
            if (signed.SignerInfos[0].Certificate is { } used && !used.RawDataMemory.Span.SequenceEqual(trusted.RawDataMemory.Span))
            {
                return null;
            }

            byte[] pkcs10 = signed.ContentInfo.Content;
            return new SealedRequest(pkcs10, CertificateRequest.LoadSigningRequest(
                pkcs10, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default, RSASignaturePadding.Pkcs1));
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Whether it is for this key (SubjectPublicKeyInfo, DER).</summary>
    internal bool IsFor(byte[] publicKey) => _request.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);

    /// <summary>Whether its subject is this person, attribute by attribute.</summary>
    internal bool Names(IdentityRecord identity) => !SubjectName.Create(
        identity.CommonName,
        identity.GivenName,
        identity.Surname,
        identity.SerialNumber,
        identity.Organization,
        identity.OrganizationalUnit,
        identity.OrganizationIdentifier,
        identity.Country,
        identity.Email).IsRefused(out Refusal? _, out SubjectName? registered) && registered.Matches(_request.SubjectName);
}
