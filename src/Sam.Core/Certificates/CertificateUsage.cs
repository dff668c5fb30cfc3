using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Core.Certificates;

/// <summary>Whether a certificate says that its key may sign documents.</summary>
internal static class CertificateUsage
{
    // What a signature over a document can be meant for: anything; mail; documents (RFC 9336); documents as Microsoft and Adobe named it before there was a common name.
    private static readonly string[] _signing = ["2.5.29.37.0", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"];

    /// <summary>
    /// The certificate is no authority's; its keyUsage is there and has one of <paramref name="allowed"/>, and none of an authority's; its extendedKeyUsage is absent, or has at least one purpose that a signature over a document serves:
    /// a certificate for servers, clients, code or time stamps only is none to sign contracts with.
    /// </summary>
    /// <exception cref="CryptographicException">An extension is malformed.</exception>
    internal static bool AllowsSigning(X509Certificate2 certificate, X509KeyUsageFlags allowed)
    {
        X509KeyUsageExtension[] usages = [.. certificate.Extensions.OfType<X509KeyUsageExtension>()];
        const X509KeyUsageFlags Authority = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign;
        return usages is [{ } usage]
            && (usage.KeyUsages & allowed) != X509KeyUsageFlags.None
            && (usage.KeyUsages & Authority) == X509KeyUsageFlags.None
            && !certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority)
            && certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().All(e => e.EnhancedKeyUsages.Cast<Oid>().Any(purpose => _signing.Contains(purpose.Value)));
    }
}
