using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Sam.Api.Authentication;

/// <summary>What one kind of issuer differs in; everything else is the same for all (<see cref="TokenVerifier"/>, <see cref="IssuerMetadata"/>).</summary>
/// <param name="Parameters">How issuer and audience are checked. Signature, type, algorithm and lifetime are the verifier's.</param>
/// <param name="FetchAsync">Gets the issuer's metadata and keys.</param>
/// <param name="ReadCaller">Who a verified token's payload stands for.</param>
internal sealed record AccessTokenIssuer(
    TokenValidationParameters Parameters, Func<CancellationToken, Task<OpenIdConnectConfiguration>> FetchAsync, CallerReader ReadCaller);
