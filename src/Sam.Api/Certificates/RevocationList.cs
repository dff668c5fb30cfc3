using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.X509;
using Sam.Core.Certificates;

namespace Sam.Api.Certificates;

/// <summary>
/// What may be believed of a CRL (RFC 5280 section 6.3): signed by the certificate's issuer itself; current; whole; and, when it says which certificates it is for, for this one. Indirect and delta lists are none.
/// </summary>
internal static class RevocationList
{
    /// <summary>Unknown when the list cannot be believed, or is for others. Throws anything on bytes that are no list.</summary>
    internal static RevocationAnswer Read(byte[] der, X509Certificate certificate, X509Certificate issuer, Uri address, DateTimeOffset time)
    {
        X509Crl list = new(der);
        return list.IssuerDN.Equivalent(issuer.SubjectDN, inOrder: true)
            && AnswerChecks.Allows(issuer, AnswerChecks.CrlSign)
            && AnswerChecks.IsStrong(list.SigAlgOid)
            && AnswerChecks.Verifies(() => list.IsSignatureValid(issuer.GetPublicKey()))
            && list.NextUpdate is { } next && AnswerChecks.Utc(list.ThisUpdate) <= time + AnswerChecks.Skew && time < AnswerChecks.Utc(next)
            && IsFor(list, certificate, address)
                ? new RevocationAnswer(StatusIn(list, certificate), AnswerChecks.Utc(next))
                : RevocationAnswer.None;
    }

    private static RevocationStatus StatusIn(X509Crl list, X509Certificate certificate) => list.GetRevokedCertificate(certificate.SerialNumber) is { } entry

        // Whatever the entry demands that is not understood here, it stands in a list of revoked certificates.
        ? entry.GetCriticalExtensionOids() is null or { Count: 0 } ? RevocationStatus.Revoked : RevocationStatus.Unknown
        : RevocationStatus.Good;

    /// <summary>An authority may have several lists under one key: that a certificate is not in the list of others means nothing, and an attacker would show just that one.</summary>
    private static bool IsFor(X509Crl list, X509Certificate certificate, Uri address)
    {
        if (list.GetCriticalExtensionOids() is { } critical && critical.Any(oid => oid != X509Extensions.IssuingDistributionPoint.Id))
        {
            return false;
        }

        if (RevocationAddresses.Find(list, X509Extensions.IssuingDistributionPoint) is not { } extension)
        {
            return true;
        }

        IssuingDistributionPoint point = IssuingDistributionPoint.GetInstance(extension);
        bool isAuthority = certificate.GetBasicConstraints() >= 0;
        return !point.IsIndirectCrl && !point.OnlyContainsAttributeCerts && point.OnlySomeReasons is null
            && !(isAuthority ? point.OnlyContainsUserCerts : point.OnlyContainsCACerts)
            && (point.DistributionPoint is not { } name || Names(name, address));
    }

    private static bool Names(DistributionPointName name, Uri address) =>
        name.Type == DistributionPointName.FullName
        && GeneralNames.GetInstance(name.Name).GetNames().Any(n => RevocationAddresses.TextOf(n) == address.OriginalString);
}
