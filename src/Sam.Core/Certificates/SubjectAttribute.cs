using System.Formats.Asn1;
using Sam.Core.Values;

namespace Sam.Core.Certificates;

/// <summary>The attributes that a registration may have: one closed table.</summary>
internal sealed class SubjectAttribute
{
    private const string PrintablePunctuation = " '()+,-./:=?";

    private readonly Func<string, bool> _accepts;
    private readonly int _longest;

    private SubjectAttribute(string name, string oid, int longest, Func<SubjectName, string?> of, UniversalTagNumber encoding = UniversalTagNumber.UTF8String, Func<string, bool>? accepts = null)
    {
        Name = name;
        Oid = oid;
        Of = of;
        Encoding = encoding;
        _longest = longest;
        _accepts = accepts ?? (_ => true);
    }

    internal static SubjectAttribute Country { get; } = new("country", NameOids.Country, 2, n => n.Country, UniversalTagNumber.PrintableString, text => text is [>= 'A' and <= 'Z', >= 'A' and <= 'Z']);

    internal static SubjectAttribute Organization { get; } = new("organization", NameOids.Organization, 64, n => n.Organization);

    internal static SubjectAttribute OrganizationIdentifier { get; } = new("organizationIdentifier", NameOids.OrganizationIdentifier, 64, n => n.OrganizationIdentifier);

    internal static SubjectAttribute OrganizationalUnit { get; } = new("organizationalUnit", NameOids.OrganizationalUnit, 64, n => n.OrganizationalUnit);

    internal static SubjectAttribute Surname { get; } = new("surname", NameOids.Surname, 255, n => n.Surname);

    internal static SubjectAttribute GivenName { get; } = new("givenName", NameOids.GivenName, 255, n => n.GivenName);

    internal static SubjectAttribute SerialNumber { get; } = new("serialNumber", NameOids.SerialNumber, 64, n => n.SerialNumber, UniversalTagNumber.PrintableString, IsPrintable);

    internal static SubjectAttribute CommonName { get; } = new("commonName", NameOids.CommonName, 64, n => n.CommonName);

    internal static SubjectAttribute Email { get; } = new("email", NameOids.Email, 255, n => n.Email, UniversalTagNumber.IA5String, IsMailAddress);

    /// <summary>All members, in the order in which a name is encoded.</summary>
    internal static IReadOnlyList<SubjectAttribute> All { get; } =
        [Country, Organization, OrganizationIdentifier, OrganizationalUnit, Surname, GivenName, SerialNumber, CommonName, Email];

    /// <summary>As requests and answers spell it.</summary>
    internal string Name { get; }

    internal string Oid { get; }

    internal UniversalTagNumber Encoding { get; }

    /// <summary>The value in a name; null if the name does not have it.</summary>
    internal Func<SubjectName, string?> Of { get; }

    /// <summary>The mail address stands in an extension.</summary>
    internal bool IsInName => !ReferenceEquals(this, Email);

    internal bool Accepts(string value) =>
        PlainText.IsLine(value, _longest) && !value.Any(IsInvisible) && !char.IsWhiteSpace(value[0]) && !char.IsWhiteSpace(value[^1]) && _accepts(value);

    /// <summary>Marks that turn the direction of reading, separators of lines, and characters that show as nothing: two names with and without them look alike. Joiners stay: some scripts need them.</summary>
    private static bool IsInvisible(char c) =>
        c is '\u00AD' or '\u061C' or '\u200B' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2060' and <= '\u2069') or '\uFEFF';

    private static bool IsPrintable(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || PrintablePunctuation.Contains(c, StringComparison.Ordinal));

    private static bool IsMailAddress(string text) =>
        text.All(c => c is > ' ' and < '\u007F') && text.Split('@') is [{ Length: > 0 and <= 64 }, { Length: > 0 }];
}
