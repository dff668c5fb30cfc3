using Microsoft.AspNetCore.Http;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Authentication;

/// <summary>
/// Tells who sends a request. The isolated Functions worker has no place for ASP.NET Core's authentication middleware, so the pipeline asks
/// this on every host; what verifies the token is the same library the middleware would use.
/// </summary>
public interface ITokenAuthenticator
{
    /// <summary>
    /// Reads and verifies the bearer token of a request. Refused with <see cref="SamErrorCode.AuthorizationHeaderMalformed"/>,
    /// <see cref="SamErrorCode.TokenInvalid"/>, <see cref="SamErrorCode.TokenExpired"/>, or
    /// <see cref="SamErrorCode.IdentityProviderUnavailable"/> where the issuer's keys cannot be had: then nobody is to blame, and nobody is let in.
    /// </summary>
    Task<Result<Caller>> AuthenticateAsync(HttpContext context);
}
