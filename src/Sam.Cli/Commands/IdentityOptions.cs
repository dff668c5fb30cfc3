using System.CommandLine;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary>The attributes of a proofed name.</summary>
internal sealed class IdentityOptions
{
    private readonly Option<string> _commonName = new("--common-name") { Description = "The name that is shown.", HelpName = "TEXT", Required = true };
    private readonly Option<string?> _givenName = Attribute("--given-name", "Given names.");
    private readonly Option<string?> _surname = Attribute("--surname", "Family name.");
    private readonly Option<string?> _serialNumber = Attribute("--serial-number", "A number that only this person has, such as PASJP-TK1234567.");
    private readonly Option<string?> _organization = Attribute("--organization", "The organisation that they sign for.");
    private readonly Option<string?> _organizationalUnit = Attribute("--organizational-unit", "A part of the organisation.");
    private readonly Option<string?> _organizationIdentifier = Attribute("--organization-identifier", "The organisation's number, such as NTRJP-0104-01-123456.");
    private readonly Option<string?> _country = Attribute("--country", "Two capital letters.");
    private readonly Option<string?> _email = Attribute("--email", "A mail address.");

    internal IReadOnlyList<Symbol> All =>
        [_commonName, _givenName, _surname, _serialNumber, _organization, _organizationalUnit, _organizationIdentifier, _country, _email];

    internal IdentityRecord Read(AdminCall call) => new(
        call.Get(_commonName)!,
        call.Get(_givenName),
        call.Get(_surname),
        call.Get(_serialNumber),
        call.Get(_organization),
        call.Get(_organizationalUnit),
        call.Get(_organizationIdentifier),
        call.Get(_country),
        call.Get(_email));

    private static Option<string?> Attribute(string name, string description) => new(name) { Description = description, HelpName = "TEXT" };
}
