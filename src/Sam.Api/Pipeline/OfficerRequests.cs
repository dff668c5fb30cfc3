using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Sam.Api.Authentication;
using Sam.Core.Officers;

namespace Sam.Api.Pipeline;

/// <summary>Reads from a request what a privileged user's proof covers.</summary>
internal static class OfficerRequests
{
    /// <summary>The header with the proof.</summary>
    internal const string ProofHeader = "Sam-Proof";

    internal static OfficerRequest Read(HttpContext context, ReadOnlyMemory<byte> body)
    {
        IHeaderDictionary headers = context.Request.Headers;
        _ = BearerHeader.TryRead(headers, out string? token);
        return new OfficerRequest(
            context.Request.Method,
            Target(context),
            ProofClaims.HashOf(System.Text.Encoding.ASCII.GetBytes(token ?? string.Empty)),
            body,
            One(headers.IfMatch),
            One(headers["Idempotency-Key"]),
            One(headers[ProofHeader]));
    }

    /// <summary>Path and query as they were sent: the server's own reading of them has no escapes left.</summary>
    private static string Target(HttpContext context) =>
        context.Features.Get<IHttpRequestFeature>()?.RawTarget is ['/', ..] raw ? raw : context.Request.Path + context.Request.QueryString;

    /// <summary>A header that stands twice is none: a proxy may have looked at the other one. An empty text matches no proof.</summary>
    private static string? One(StringValues values) => values.Count switch { 0 => null, 1 => values[0], _ => string.Empty };
}
