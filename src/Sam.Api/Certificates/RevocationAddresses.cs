using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.X509;
using Org.BouncyCastle.X509.Extension;

namespace Sam.Api.Certificates;

/// <summary>Where a certificate says that its revocation can be learned: web addresses, and at most two of a kind.</summary>
/// <param name="Ocsp">OCSP responders (authorityInfoAccess).</param>
/// <param name="Crl">Lists (cRLDistributionPoints) that the issuer itself signs and that name all reasons.</param>
internal sealed record RevocationAddresses(IReadOnlyList<Uri> Ocsp, IReadOnlyList<Uri> Crl)
{
    private const int Most = 2;

    internal static RevocationAddresses Of(X509Certificate certificate)
    {
        IEnumerable<GeneralName> ocsp = Find(certificate, X509Extensions.AuthorityInfoAccess) is { } access
            ? AuthorityInformationAccess.GetInstance(access).GetAccessDescriptions().Where(d => d.AccessMethod.Equals(AccessDescription.IdADOcsp)).Select(d => d.AccessLocation)
            : [];
        IEnumerable<GeneralName> crl = Find(certificate, X509Extensions.CrlDistributionPoints) is { } points
            ? CrlDistPoint.GetInstance(points).GetDistributionPoints()
                .Where(p => p is { CrlIssuer: null, Reasons: null, DistributionPointName.Type: DistributionPointName.FullName })
                .SelectMany(p => GeneralNames.GetInstance(p.DistributionPointName.Name).GetNames())
            : [];
        return new RevocationAddresses(Web(ocsp), Web(crl));
    }

    internal static Asn1Object? Find(IX509Extension holder, DerObjectIdentifier oid) =>
        holder.GetExtensionValue(oid) is { } value ? X509ExtensionUtilities.FromExtensionValue(value) : null;

    internal static string? TextOf(GeneralName name) => name.TagNo == GeneralName.UniformResourceIdentifier ? DerIA5String.GetInstance(name.Name).GetString() : null;

    private static Uri[] Web(IEnumerable<GeneralName> names) =>
    [
        .. names.Select(name => Uri.TryCreate(TextOf(name), UriKind.Absolute, out Uri? address) ? address : null)
            .OfType<Uri>().Where(address => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps).Take(Most),
    ];
}
