using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sam.Api.Pipeline;

/// <summary>
/// Refuses what came in the clear from beyond this machine (CSR-1, T-REG-3, T-MGT-2): registration data, codes and certification requests travel over TLS.
/// </summary>
/// <remarks>
/// Judged by the connection, not by what the request says of itself: <c>Host</c> is the client's word. A front end that ended TLS says so in <c>X-Forwarded-Proto</c>; that header can
/// only make a request worse here, never better, so forging it gains nothing. On Azure the platform itself takes https only (infra), and hands over on loopback.
/// </remarks>
internal static class SecureChannelOnly
{
    internal static bool IsSecure(HttpContext context)
    {
        string? forwarded = context.Request.Headers["X-Forwarded-Proto"];
        return (forwarded is null || string.Equals(forwarded, "https", StringComparison.OrdinalIgnoreCase))
            && (context.Request.IsHttps || (IsLoopback(context.Connection.RemoteIpAddress) && IsLoopback(context.Connection.LocalIpAddress)));
    }

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
