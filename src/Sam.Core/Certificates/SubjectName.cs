using System.Security.Cryptography.X509Certificates;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Certificates;

/// <summary>
/// Whom a signer's certificates name: the identity that was proved at registration. A certification request takes its subject from here and from nowhere else (CSR-2, T-CSR-2).
/// Lengths are the upper bounds of RFC 5280 appendix A; null leaves an attribute out.
/// </summary>
/// <param name="CommonName">What they are called: 1 to 64 characters.</param>
/// <param name="GivenName">1 to 64 characters.</param>
/// <param name="Surname">1 to 64 characters.</param>
/// <param name="SerialNumber">What tells them from others of the same name (ETSI EN 319 412-1 clause 5.1.3, such as <c>PNOJP-…</c>): 1 to 64 printable ASCII characters.</param>
/// <param name="Organization">For whom they sign: 1 to 64 characters.</param>
/// <param name="OrganizationalUnit">1 to 64 characters.</param>
/// <param name="Country">ISO 3166-1 alpha-2, upper-case.</param>
public sealed record SubjectName(
    string CommonName,
    string? GivenName = null,
    string? Surname = null,
    string? SerialNumber = null,
    string? Organization = null,
    string? OrganizationalUnit = null,
    string? Country = null)
{
    private const int Longest = 64;
    private const string GivenNameOid = "2.5.4.42";
    private const string SurnameOid = "2.5.4.4";
    private const string SerialNumberOid = "2.5.4.5";

    /// <summary>As a certification request has it: the broadest attribute first.</summary>
    public X500DistinguishedName ToDistinguishedName()
    {
        X500DistinguishedNameBuilder name = new();
        Add(Country, name.AddCountryOrRegion);
        Add(Organization, name.AddOrganizationName);
        Add(OrganizationalUnit, name.AddOrganizationalUnitName);
        Add(Surname, text => name.Add(SurnameOid, text));
        Add(GivenName, text => name.Add(GivenNameOid, text));
        Add(SerialNumber, text => name.Add(SerialNumberOid, text, System.Formats.Asn1.UniversalTagNumber.PrintableString));
        name.AddCommonName(CommonName);
        return name.Build();
    }

    /// <summary>Refused with ParameterInvalid, with the member at fault as <c>identity.member</c>.</summary>
    internal static Refusal? FindFault(SubjectName identity) =>
        !PlainText.IsLine(identity.CommonName, Longest) ? Fault("commonName")
        : !IsLineOrNull(identity.GivenName) ? Fault("givenName")
        : !IsLineOrNull(identity.Surname) ? Fault("surname")
        : identity.SerialNumber is { } serial && !(PlainText.IsLine(serial, Longest) && serial.All(IsPrintable)) ? Fault("serialNumber")
        : !IsLineOrNull(identity.Organization) ? Fault("organization")
        : !IsLineOrNull(identity.OrganizationalUnit) ? Fault("organizationalUnit")
        : identity.Country is not null and not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'] ? Fault("country")
        : null;

    private static Refusal Fault(string member) => new(SamErrorCode.ParameterInvalid, $"identity.{member}");

    private static bool IsLineOrNull(string? text) => text is null || PlainText.IsLine(text, Longest);

    /// <summary>What a PrintableString holds (ITU-T X.680).</summary>
    private static bool IsPrintable(char c) => char.IsAsciiLetterOrDigit(c) || " '()+,-./:=?".Contains(c, StringComparison.Ordinal);

    private static void Add(string? text, Action<string> add)
    {
        if (text is not null)
        {
            add(text);
        }
    }
}
