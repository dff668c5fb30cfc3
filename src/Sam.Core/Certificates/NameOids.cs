namespace Sam.Core.Certificates;

/// <summary>The attribute types of names (X.520, RFC 5280 appendix A.1, RFC 2985), dotted.</summary>
internal static class NameOids
{
    internal const string CommonName = "2.5.4.3";
    internal const string Surname = "2.5.4.4";
    internal const string SerialNumber = "2.5.4.5";
    internal const string Country = "2.5.4.6";
    internal const string Organization = "2.5.4.10";
    internal const string OrganizationalUnit = "2.5.4.11";
    internal const string GivenName = "2.5.4.42";
    internal const string OrganizationIdentifier = "2.5.4.97";
    internal const string Email = "1.2.840.113549.1.9.1";

    private const string Locality = "2.5.4.7";
    private const string State = "2.5.4.8";
    private const string Street = "2.5.4.9";
    private const string PostalCode = "2.5.4.17";
    private const string Qualifier = "2.5.4.46";

    /// <summary>Whether an authority may add it on its own: it says where somebody is, or keeps two of one name apart, and names nobody.</summary>
    internal static bool NamesNobody(string oid) => oid is Locality or State or Street or PostalCode or Qualifier;
}
