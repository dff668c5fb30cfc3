using Microsoft.IdentityModel.Tokens;

namespace Sam.Api.Authentication;

/// <summary>
/// The issuer inside a development host, which the host registers as a service: its public key reaches the verifier in the process, without HTTP.
/// </summary>
/// <param name="Key">Its public key, with a key id.</param>
/// <param name="IsIssuer">Tells whether an <c>iss</c> is one of its own; it has as many as the host has addresses.</param>
public sealed record DevelopmentTrust(SecurityKey Key, Func<string, bool> IsIssuer)
{
    /// <summary>What a login of it is registered under: its tokens name the address that they were asked for at.</summary>
    public const string IssuerName = "urn:functionssam:development";
}
