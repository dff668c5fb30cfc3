using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sam.Core.Signers;

/// <summary>Reads a certificate for a key.</summary>
internal static class CertificateCheck
{
    private const int MaxChainLength = 10;

    /// <summary>Null when the list is empty, too long or no certificates, or the first certificate is for another key than this.</summary>
    internal static CertificateRow? Read(IReadOnlyList<byte[]> chain, ReadOnlySpan<byte> publicKey)
    {
        if (chain.Count is 0 or > MaxChainLength)
        {
            return null;
        }

        try
        {
            foreach (byte[] issuer in chain.Skip(1))
            {
                using X509Certificate2 readable = X509CertificateLoader.LoadCertificate(issuer);
            }

            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(chain[0]);

            // A signature of this key under another key's certificate would verify for nobody, or worse, for somebody else.
            return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey)
                ? new CertificateRow(chain, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime())
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
