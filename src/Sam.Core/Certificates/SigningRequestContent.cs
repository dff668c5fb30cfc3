using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Core.Certificates;

/// <summary>What a certification request says.</summary>
/// <param name="Subject">The name it asks for.</param>
/// <param name="SubjectPublicKeyInfo">The public key, DER.</param>
/// <param name="SignatureVerifies">Whether the private half of this key signed the request.</param>
public sealed record SigningRequestContent(X500DistinguishedName Subject, ReadOnlyMemory<byte> SubjectPublicKeyInfo, bool SignatureVerifies)
{
    private X509ExtensionCollection Extensions { get; init; } = [];

    /// <summary>Reads PKCS#10 in DER; null for anything else, one byte too many included.</summary>
    public static SigningRequestContent? Read(ReadOnlySpan<byte> der)
    {
        CertificateRequest? verified = Load(der, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        return (verified ?? Load(der, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions | CertificateRequestLoadOptions.SkipSignatureValidation)) is { } request
            ? new SigningRequestContent(request.SubjectName, request.PublicKey.ExportSubjectPublicKeyInfo(), verified is not null) { Extensions = [.. request.CertificateExtensions] }
            : null;
    }

    /// <summary>Lays the request beside what was registered, for an officer to see and for the SAM to decide by (CSR-2).</summary>
    /// <param name="registered">Who was registered.</param>
    /// <param name="subjectPublicKeyInfo">The key that was generated for them, DER.</param>
    public RequestComparison CompareWith(SubjectName registered, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        ArgumentNullException.ThrowIfNull(registered);
        return new RequestComparison(
            registered.Attributes,
            [.. Describe()],
            registered.Matches(Subject, Extensions),
            SubjectPublicKeyInfo.Span.SequenceEqual(subjectPublicKeyInfo),
            SignatureVerifies);
    }

    private static CertificateRequest? Load(ReadOnlySpan<byte> der, CertificateRequestLoadOptions options)
    {
        try
        {
            CertificateRequest request = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, out int read, options);
            return read == der.Length ? request : null;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or NotSupportedException)
        {
            return null;
        }
    }

    private IEnumerable<NamePart> Describe()
    {
        foreach ((string oid, string? text, byte[] der) in NameReader.Read(Subject) ?? [("subject", null, Subject.RawData)])
        {
            yield return new NamePart(SubjectAttribute.All.FirstOrDefault(a => a.Oid == oid)?.Name ?? oid, text ?? $"#{Convert.ToHexStringLower(der)}");
        }

        foreach (X509Extension extension in Extensions.Where(e => e.Oid?.Value == NameReader.AlternativeNameOid))
        {
            if (NameReader.ReadMailAddresses([extension]) is { Count: > 0 } addresses)
            {
                foreach (string address in addresses)
                {
                    yield return new NamePart(SubjectAttribute.Email.Name, address);
                }
            }
            else
            {
                yield return new NamePart(NameReader.AlternativeNameOid, $"#{Convert.ToHexStringLower(extension.RawData)}");
            }
        }
    }
}
