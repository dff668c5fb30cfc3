using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Results;
using Sam.Core.Credentials;

namespace Sam.Core.Certificates;

/// <summary>Judges the certificate that an authority gave for a key (CSR-2, T-CSR-2, T-REG-2). Made once: it holds the anchors.</summary>
internal sealed class CertificateCheck
{
    private const string Parameter = "certificates";
    private const int MaxChainLength = 10;

    // All of a signer's credentials are changed in one commit, which holds 2 MiB: this many bytes, in base64, times the limit of credentials.
    private const int MaxChainBytes = 30_000;

    private readonly CertificatePolicy _policy;
    private readonly CertificatePath _path;

    /// <exception cref="CryptographicException">An anchor is no certificate; see <see cref="CertificatePolicy.FindFault"/>.</exception>
    internal CertificateCheck(CertificatePolicy policy)
    {
        _policy = policy;
        _path = new CertificatePath(policy.LoadAnchors());
    }

    /// <summary>
    /// Checks, in this order: it can be read (CertificateUnreadable), is for this key (CertificateOfAnotherKey) and this person (CertificateOfAnotherSubject), allows signing (CertificateUsageWrong),
    /// its dates hold (CertificateExpired), and it leads to an anchor (CertificateNotTrusted).
    /// </summary>
    /// <param name="chain">DER, end entity first, each followed by its issuer. The anchor may be left out.</param>
    /// <param name="publicKey">The key in the HSM, DER.</param>
    /// <param name="subject">Who was registered.</param>
    /// <param name="time">The store's clock.</param>
    internal Result<CertificateRow> Check(IReadOnlyList<byte[]> chain, ReadOnlySpan<byte> publicKey, SubjectName subject, DateTimeOffset time)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            return Read(chain, certificates) && FindObstacle(certificates, publicKey, subject, time) is { } judged
                ? judged.Obstacle is { } obstacle ? Refuse(obstacle) : new CertificateRow([.. chain], judged.NotBefore, judged.NotAfter)
                : Refuse(SamErrorCode.CertificateUnreadable);
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }

    /// <summary>False when there is none, too many, too much, or something else than DER: clients are told that what they get is DER.</summary>
    private static bool Read(IReadOnlyList<byte[]> chain, X509Certificate2Collection certificates)
    {
        if (chain.Count is 0 or > MaxChainLength || chain.Sum(c => (long)c.Length) > MaxChainBytes)
        {
            return false;
        }

        try
        {
            foreach (byte[] der in chain)
            {
                X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
                certificates.Add(certificate);

                // The BCL also reads PEM, and more than one after the other.
                if (!certificate.RawData.AsSpan().SequenceEqual(der))
                {
                    return false;
                }
            }

            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Null when a part that is needed cannot be read.</summary>
    private (SamErrorCode? Obstacle, DateTimeOffset NotBefore, DateTimeOffset NotAfter)? FindObstacle(
        X509Certificate2Collection chain, ReadOnlySpan<byte> publicKey, SubjectName subject, DateTimeOffset time)
    {
        X509Certificate2 certificate = chain[0];
        try
        {
            DateTimeOffset notBefore = certificate.NotBefore.ToUniversalTime();
            DateTimeOffset notAfter = certificate.NotAfter.ToUniversalTime();

            // A signature of this key under another key's certificate would verify for nobody, or worse, for somebody else.
            SamErrorCode? obstacle = !certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey) ? SamErrorCode.CertificateOfAnotherKey
                : !subject.Matches(certificate.SubjectName, certificate.Extensions) ? SamErrorCode.CertificateOfAnotherSubject
                : !CertificateUsage.AllowsSigning(certificate, _policy.KeyUsages) ? SamErrorCode.CertificateUsageWrong

                // The last second is the certificate's, but X509Chain says that it is over.
                : time < notBefore || time >= notAfter ? SamErrorCode.CertificateExpired
                : !IsTrusted(chain, time) ? SamErrorCode.CertificateNotTrusted
                : null;
            return (obstacle, notBefore, notAfter);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private bool IsTrusted(X509Certificate2Collection chain, DateTimeOffset time) =>
        _policy.AcceptAnyChain

        // Clients get the chain as it came: what is no part of it must not be passed off as one.
        || (chain.Zip(chain.Skip(1)).All(pair => pair.First.IssuerName.RawData.AsSpan().SequenceEqual(pair.Second.SubjectName.RawData))
            && _path.Find(chain, time) is not null);

    private static Refusal Refuse(SamErrorCode code) => new(code, Parameter);
}
