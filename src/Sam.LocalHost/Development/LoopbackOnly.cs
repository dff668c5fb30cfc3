using System.Net;

namespace Sam.LocalHost.Development;

/// <summary>
/// Keeps the development endpoints to this machine, whatever address the host listens on: they make signers and tokens for whoever asks.
/// The Host header is checked beside it (AllowedHosts), but that one the caller writes.
/// </summary>
internal static class LoopbackOnly
{
    internal static void UseLoopbackOnly(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        bool isDevelopmentEndpoint = context.Request.Path.StartsWithSegments("/dev", StringComparison.OrdinalIgnoreCase);
        if (isDevelopmentEndpoint && context.Connection.RemoteIpAddress is { } caller && !IPAddress.IsLoopback(caller))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    });
}
