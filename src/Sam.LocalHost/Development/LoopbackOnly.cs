using System.Net;

namespace Sam.LocalHost.Development;

/// <summary>
/// Keeps the development endpoints to programs of this machine, whatever address the host listens on: they give tokens and officers' keys to whoever asks.
/// The Host header is checked beside it (AllowedHosts), but that one the caller writes.
/// </summary>
internal static class LoopbackOnly
{
    internal static void UseLoopbackOnly(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        bool isDevelopmentEndpoint = context.Request.Path.StartsWithSegments("/dev", StringComparison.OrdinalIgnoreCase);
        bool isElsewhere = context.Connection.RemoteIpAddress is { } caller && !IPAddress.IsLoopback(caller);

        // A page of another origin can send a form to loopback without asking first; it would approve a client.
        bool isPage = context.Request.Headers.ContainsKey("Origin") || context.Request.Headers["Sec-Fetch-Site"].Any(site => site is not ("same-origin" or "none"));
        if (isDevelopmentEndpoint && (isElsewhere || isPage))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    });
}
