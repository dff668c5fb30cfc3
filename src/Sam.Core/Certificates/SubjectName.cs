using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using Sam.Core.Results;

namespace Sam.Core.Certificates;

/// <summary>
/// Who somebody was proofed to be, in the attributes that their certificates will have: the natural person of EN 319 412-2 clause 4.2.4, the organisation they sign for, or the legal person of EN 319 412-3.
/// Certification requests are made of it, and certificates are measured by it (CSR-2, T-CSR-2). A name is fixed when it is made.
/// </summary>
/// <remarks>
/// Only the common name is demanded here: which of the others a certificate needs is for the policy of the authority that issues it, which refuses the request if one is missing.
/// Texts are 1 character to the upper bound of RFC 5280 appendix A.1 long (given name and surname, whose bound is 32,768, to 255), without control characters, direction marks and spaces at the ends:
/// what an officer sees is then what is compared.
/// </remarks>
public sealed record SubjectName
{
    [JsonConstructor]
    internal SubjectName(
        string commonName,
        string? givenName,
        string? surname,
        string? serialNumber,
        string? organization,
        string? organizationalUnit,
        string? organizationIdentifier,
        string? country,
        string? email)
    {
        CommonName = commonName;
        GivenName = givenName;
        Surname = surname;
        SerialNumber = serialNumber;
        Organization = organization;
        OrganizationalUnit = organizationalUnit;
        OrganizationIdentifier = organizationIdentifier;
        Country = country;
        Email = email;
    }

    /// <summary>The name that is shown: up to 64 characters.</summary>
    public string CommonName { get; }

    /// <summary>Given names: up to 255 characters.</summary>
    public string? GivenName { get; }

    /// <summary>Family name: up to 255 characters.</summary>
    public string? Surname { get; }

    /// <summary>A number that only this person has, such as <c>PASJP-TK1234567</c> (EN 319 412-1 clause 5.1.3): up to 64 characters of a PrintableString.</summary>
    public string? SerialNumber { get; }

    /// <summary>The organisation: up to 64 characters.</summary>
    public string? Organization { get; }

    /// <summary>A part of the organisation: up to 64 characters. Goes with <see cref="Organization"/> only.</summary>
    public string? OrganizationalUnit { get; }

    /// <summary>The organisation's number, such as <c>NTRJP-0104-01-123456</c> (EN 319 412-1 clause 5.1.4): up to 64 characters. Goes with <see cref="Organization"/> only.</summary>
    public string? OrganizationIdentifier { get; }

    /// <summary>The country in whose terms the other attributes are to be read, by ISO 3166-1 alpha-2: two capital letters.</summary>
    public string? Country { get; }

    /// <summary>A mail address, up to 255 ASCII characters. It stands in the subjectAltName (RFC 5280 section 4.2.1.6).</summary>
    public string? Email { get; }

    /// <summary>The attributes that are there, as a certificate orders them: from the country to the common name, and the mail address.</summary>
    [JsonIgnore]
    public IReadOnlyList<NamePart> Attributes => [.. SubjectAttribute.All.Where(a => a.Of(this) is not null).Select(a => new NamePart(a.Name, a.Of(this)!))];

    /// <summary>
    /// Makes a name. Refused with ParameterInvalid and the first attribute at fault: <c>identity.commonName</c>, <c>identity.country</c> and so on.
    /// </summary>
    public static Result<SubjectName> Create(
        string? commonName,
        string? givenName = null,
        string? surname = null,
        string? serialNumber = null,
        string? organization = null,
        string? organizationalUnit = null,
        string? organizationIdentifier = null,
        string? country = null,
        string? email = null)
    {
        if (commonName is null)
        {
            return At(SubjectAttribute.CommonName);
        }

        SubjectName name = new(commonName, givenName, surname, serialNumber, organization, organizationalUnit, organizationIdentifier, country, email);
        return SubjectAttribute.All.FirstOrDefault(a => a.Of(name) is { } value && !a.Accepts(value)) is { } bad ? At(bad)

            // Part of what, number of whom? EN 319 412-2 clause 4.2.4 has them beside the organisation's name only.
            : organization is null && organizationalUnit is not null ? At(SubjectAttribute.OrganizationalUnit)
            : organization is null && organizationIdentifier is not null ? At(SubjectAttribute.OrganizationIdentifier)
            : name;
    }

    /// <summary>The subject of a certification request, without the mail address. Country and serial number are PrintableStrings, the others UTF8Strings (RFC 5280 section 4.1.2.4).</summary>
    public X500DistinguishedName ToDistinguishedName()
    {
        X500DistinguishedNameBuilder builder = new();

        // The builder takes the last attribute of the encoding first.
        foreach (SubjectAttribute attribute in SubjectAttribute.All.Reverse().Where(a => a.IsInName && a.Of(this) is not null))
        {
            builder.Add(attribute.Oid, attribute.Of(this)!, attribute.Encoding);
        }

        return builder.Build();
    }

    /// <summary>
    /// Whether a name says what was registered and no more: each registered attribute is there once, with exactly this value; and there is no other but those that name nobody (locality, state, street, postal code,
    /// the authority's own qualifier). The order, the sets and the kind of string do not count; upper and lower case do. A mail address may stand in the name (as older authorities write it), if it is the registered one.
    /// </summary>
    public bool Matches(X500DistinguishedName subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return MatchesName(subject) is not null;
    }

    /// <summary>As <see cref="Matches(X500DistinguishedName)"/>, and the subjectAltName has nothing but the registered mail address, which stands in one of the two.</summary>
    internal bool Matches(X500DistinguishedName subject, X509ExtensionCollection extensions) =>
        MatchesName(subject) is { } mailInName
        && NameReader.ReadMailAddresses(extensions) is { } addresses
        && addresses.All(address => address == Email)
        && (Email is null || mailInName || addresses.Count > 0);

    /// <summary>Null if the name is another; otherwise whether the mail address stands in it.</summary>
    private bool? MatchesName(X500DistinguishedName subject)
    {
        if (NameReader.Read(subject) is not { } attributes)
        {
            return null;
        }

        (string Oid, string? Text, byte[])[] naming = [.. attributes.Where(a => !NameOids.NamesNobody(a.Oid))];
        SubjectAttribute[] expected = [.. SubjectAttribute.All.Where(a => a.IsInName && a.Of(this) is not null)];
        bool hasMail = Email is not null && naming.Count(a => a.Oid == NameOids.Email && a.Text == Email) == 1;

        // As many as expected, and each expected one among them once: so there is no other.
        return naming.Length == expected.Length + (hasMail ? 1 : 0) && expected.All(e => naming.Count(a => a.Oid == e.Oid && a.Text == e.Of(this)) == 1) ? hasMail : null;
    }

    private static Refusal At(SubjectAttribute attribute) => new(SamErrorCode.ParameterInvalid, $"identity.{attribute.Name}");
}
