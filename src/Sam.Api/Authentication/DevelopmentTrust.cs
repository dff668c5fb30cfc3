using Microsoft.IdentityModel.Tokens;

namespace Sam.Api.Authentication;

/// <summary>
/// The issuer inside a development host, which the host registers as a service: its public key reaches the verifier in the process, without HTTP.
/// </summary>
/// <param name="Issuer">The <c>iss</c> of its tokens.</param>
/// <param name="Key">Its public key, with a key id.</param>
public sealed record DevelopmentTrust(string Issuer, SecurityKey Key);
