using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Results;

namespace Sam.Core.Credentials;

/// <summary>
/// Reads a certificate for a key, and asks nothing else of it: for development hosts, whose certificates name whom they like. Everybody else's is judged (<see cref="Certificates.CertificateCheck"/>).
/// </summary>
internal static class UnjudgedCertificate
{
    private const int MaxChainLength = 10;

    // All of a signer's credentials are changed in one commit, which holds 2 MiB: this many bytes, in base64, times SignerRegistry's limit of credentials.
    private const int MaxChainBytes = 30_000;

    /// <summary>Refused with CertificateUnreadable when the list is empty, too long or no certificates; with CertificateOfAnotherKey when the first certificate is for another key than this.</summary>
    internal static Result<CertificateRow> Read(IReadOnlyList<byte[]> chain, ReadOnlySpan<byte> publicKey)
    {
        if (chain.Count is 0 or > MaxChainLength || chain.Sum(c => (long)c.Length) > MaxChainBytes)
        {
            return SamErrorCode.CertificateUnreadable;
        }

        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(chain[0]);

            // A signature of this key under another key's certificate would verify for nobody, or worse, for somebody else.
            return certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey)
                ? new CertificateRow([.. chain.Select(ToDer)], certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime())
                : SamErrorCode.CertificateOfAnotherKey;
        }
        catch (CryptographicException)
        {
            return SamErrorCode.CertificateUnreadable;
        }
    }

    /// <summary>The certificate alone, as DER: the BCL also reads PEM, and clients are told that what they get is DER.</summary>
    private static byte[] ToDer(byte[] certificate)
    {
        using X509Certificate2 readable = X509CertificateLoader.LoadCertificate(certificate);
        return readable.RawData;
    }
}
