using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;

namespace Sam.Core.Certificates;

/// <summary>Leads certificates to the configured anchors. No network: what is missing between them is missing.</summary>
internal sealed class CertificatePath
{
    private readonly X509Certificate2Collection _anchors;

    internal CertificatePath(X509Certificate2Collection anchors) => _anchors = anchors;

    /// <summary>The way from the end entity's certificate to an anchor; null when there is none that holds at this time.</summary>
    internal Way? Find(X509Certificate2Collection chain, DateTimeOffset time)
    {
        using X509Chain path = new();
        path.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        path.ChainPolicy.CustomTrustStore.AddRange(_anchors);
        path.ChainPolicy.ExtraStore.AddRange(chain);
        path.ChainPolicy.DisableCertificateDownloads = true;
        path.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        path.ChainPolicy.VerificationTime = time.UtcDateTime;

        // The anchor's own signature proves nothing. Below it, one over SHA-1 could be turned into one over another certificate, and X509Chain takes it.
        bool holds = path.Build(chain[0])
            && path.ChainElements.SkipLast(1).All(e => SignatureAlgorithm.All.Any(a => a.Oid == e.Certificate.SignatureAlgorithm.Value));
        Way way = new([.. path.ChainElements.Select(e => e.Certificate.RawData)], path.ChainElements.Min(e => e.Certificate.NotAfter.ToUniversalTime()));
        foreach (X509ChainElement element in path.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return holds ? way : null;
    }

    /// <param name="Certificates">From the end entity's to the anchor's, DER.</param>
    /// <param name="NotAfter">When the first of them ends.</param>
    internal sealed record Way(IReadOnlyList<byte[]> Certificates, DateTimeOffset NotAfter);
}
