using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Authentication;

/// <summary>
/// Takes the bearer token from the header, has it verified, and reads the caller from it. Who the caller is, is read anew for every request.
/// </summary>
internal sealed class BearerAuthenticator : ITokenAuthenticator
{
    private readonly TokenVerifier _verifier;
    private readonly CallerReader _callers;

    internal BearerAuthenticator(TokenVerifier verifier, CallerReader callers)
    {
        _verifier = verifier;
        _callers = callers;
    }

    public async Task<Result<Caller>> AuthenticateAsync(HttpContext context)
    {
        if (!BearerHeader.TryRead(context.Request.Headers, out string? token))
        {
            return SamErrorCode.AuthorizationHeaderMalformed;
        }

        return (await _verifier.VerifyAsync(token, context.RequestAborted)).IsRefused(out Refusal? refusal, out JsonElement payload)
            ? refusal
            : _callers.Read(payload);
    }
}
