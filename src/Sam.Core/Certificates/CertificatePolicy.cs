using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Core.Certificates;

/// <summary>Which certificates signing keys may have: section <c>Sam:Certificates</c>.</summary>
public sealed class CertificatePolicy
{
    private const X509KeyUsageFlags SigningUsages = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;

    /// <summary>Files with the certificates of the authorities that are trusted, PEM or DER. Each is self-issued: a chain ends there.</summary>
    public IReadOnlyList<string> TrustAnchorFiles { get; set; } = [];

    /// <summary>More of them, as PEM text. With neither, every certificate is refused as not trusted.</summary>
    public string? TrustAnchors { get; set; }

    /// <summary>Takes certificates of any authority, and self-signed ones. For Development: a SAM that says whose signature it makes must know who says so.</summary>
    public bool AcceptAnyChain { get; set; }

    /// <summary>Of these key usages a certificate must have one: DigitalSignature, NonRepudiation, or both to choose from.</summary>
    public X509KeyUsageFlags KeyUsages { get; set; } = SigningUsages;

    /// <summary>Whether authorities are asked about revocation, and what no answer means.</summary>
    public RevocationMode Revocation { get; set; }

    /// <summary>For how long an answer is kept at most: 0 to 1 hour. So long a revocation may go unnoticed, and no answer is kept past its own end.</summary>
    public TimeSpan RevocationCacheTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a request waits for an authority: 0.1 s to 10 s.</summary>
    public TimeSpan RevocationTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Whether an OCSP answer must repeat the nonce of its question. Many authorities sign their answers ahead and repeat none; such an answer can be shown again until it ends, also to hide a revocation since.
    /// </summary>
    public bool RequireOcspNonce { get; set; }

    /// <summary>The authorities that are trusted, each by the SHA-256 of its certificate: what is in the files, not where they are.</summary>
    internal IEnumerable<string> FingerprintsOfAnchors() => LoadAnchors().Select(a => Convert.ToHexStringLower(SHA256.HashData(a.RawData))).Order(StringComparer.Ordinal);

    /// <summary>The name of a setting that is out of its bounds, and its bounds; null if all are well.</summary>
    internal string? FindFault()
    {
        if (KeyUsages == X509KeyUsageFlags.None || (KeyUsages & ~SigningUsages) != X509KeyUsageFlags.None)
        {
            return "Certificates:KeyUsages is DigitalSignature, NonRepudiation, or both.";
        }

        if (!Enum.IsDefined(Revocation))
        {
            return "Certificates:Revocation is None, SoftFail or HardFail.";
        }

        if (RevocationCacheTime < TimeSpan.Zero || RevocationCacheTime > TimeSpan.FromHours(1))
        {
            return "Certificates:RevocationCacheTime is 0 s to 1 hour.";
        }

        if (RevocationTimeout < TimeSpan.FromSeconds(0.1) || RevocationTimeout > TimeSpan.FromSeconds(10))
        {
            return "Certificates:RevocationTimeout is 0.1 s to 10 s.";
        }

        try
        {
            X509Certificate2Collection anchors = LoadAnchors();
            return anchors.Any(a => !a.SubjectName.RawData.AsSpan().SequenceEqual(a.IssuerName.RawData)) ? "Certificates:TrustAnchors are self-issued certificates."
                : AcceptAnyChain && anchors.Count > 0 ? "Certificates:AcceptAnyChain goes without Certificates:TrustAnchors."

                // Only addresses that an anchor vouches for are asked.
                : Revocation != RevocationMode.None && anchors.Count == 0 ? "Certificates:Revocation needs Certificates:TrustAnchors."
                : null;
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "Certificates:TrustAnchors cannot be read.";
        }
    }

    /// <summary>All anchors.</summary>
    /// <exception cref="CryptographicException">One is no certificate.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    internal X509Certificate2Collection LoadAnchors()
    {
        X509Certificate2Collection anchors = [];
        foreach (string file in TrustAnchorFiles)
        {
            byte[] content = File.ReadAllBytes(file);
            if (content is [0x30, ..])
            {
                anchors.Add(X509CertificateLoader.LoadCertificate(content));
            }
            else
            {
                Add(anchors, File.ReadAllText(file));
            }
        }

        if (TrustAnchors is { } text)
        {
            Add(anchors, text);
        }

        return anchors;
    }

    /// <summary>A text without a certificate in it is a mistake, and reads as an empty list.</summary>
    private static void Add(X509Certificate2Collection anchors, string pem)
    {
        int before = anchors.Count;
        anchors.ImportFromPem(pem);
        if (anchors.Count == before)
        {
            throw new CryptographicException("There is no certificate in the text.");
        }
    }
}
