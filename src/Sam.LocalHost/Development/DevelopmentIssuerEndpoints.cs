using System.Text.Json.Serialization.Metadata;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.LocalHost.Development;

/// <summary>The development issuer over HTTP: tokens, metadata, keys. A client's first token approves it; one that officers stopped gets tokens, and stays stopped.</summary>
internal static class DevelopmentIssuerEndpoints
{
    // Two first tokens of one client at once race for the client's row; the loser finds it approved.
    private const int Attempts = 3;

    private static readonly DevelopmentTokenError _notHere = new("invalid_request", "The development issuer answers on loopback only, or under Sam:PublicAddress");
    private static readonly DevelopmentTokenError _notForm = new("invalid_request", "The body must be application/x-www-form-urlencoded");
    private static readonly DevelopmentTokenError _busy = new("temporarily_unavailable", "The client could not be approved now");

    internal static void MapDevelopmentIssuer(this IEndpointRouteBuilder endpoints)
    {
        // Counting begins with the host, not with the first question for the counts.
        endpoints.ServiceProvider.GetRequiredService<RefusalCounts>();

        DevelopmentIssuer issuer = endpoints.ServiceProvider.GetRequiredService<DevelopmentIssuer>();
        ModuleProvider modules = endpoints.ServiceProvider.GetRequiredService<ModuleProvider>();
        endpoints.MapPost($"{DevelopmentIssuer.Path}/token", context => GiveTokenAsync(context, issuer, modules));
        endpoints.MapGet($"{DevelopmentIssuer.Path}/jwks", context =>
            WriteAsync(context, StatusCodes.Status200OK, issuer.PublicKeys(), DevelopmentIssuerJson.Default.DevelopmentKeySet));
        foreach (string path in (ReadOnlySpan<string>)
            ["/dev/.well-known/openid-configuration", "/dev/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/dev"])
        {
            endpoints.MapGet(path, context => GiveMetadataAsync(context, issuer));
        }
    }

    private static async Task GiveTokenAsync(HttpContext context, DevelopmentIssuer issuer, ModuleProvider modules)
    {
        (int status, DevelopmentTokenError error) = (StatusCodes.Status400BadRequest, _notHere);
        if (issuer.NameFor(context.Request) is { } name)
        {
            (DevelopmentTokenRequest? wanted, DevelopmentTokenError? malformed) = await ReadAsync(context);
            if (wanted is not null && await ApproveAsync(wanted.Client, modules, context.RequestAborted))
            {
                DevelopmentToken token = new() { AccessToken = issuer.Issue(name, wanted), ExpiresIn = (int)wanted.Lifetime.TotalSeconds };
                await WriteAsync(context, StatusCodes.Status200OK, token, DevelopmentIssuerJson.Default.DevelopmentToken);
                return;
            }

            (status, error) = malformed is null ? (StatusCodes.Status503ServiceUnavailable, _busy) : (status, malformed);
        }

        await WriteAsync(context, status, error, DevelopmentIssuerJson.Default.DevelopmentTokenError);
    }

    private static Task GiveMetadataAsync(HttpContext context, DevelopmentIssuer issuer) => issuer.NameFor(context.Request) is { } name
        ? WriteAsync(
            context,
            StatusCodes.Status200OK,
            new DevelopmentMetadata(name, $"{name}/token", $"{name}/jwks", ["client_credentials"], [], ["none"], ["public"], ["ES256"]),
            DevelopmentIssuerJson.Default.DevelopmentMetadata)
        : WriteAsync(context, StatusCodes.Status400BadRequest, _notHere, DevelopmentIssuerJson.Default.DevelopmentTokenError);

    private static async Task<(DevelopmentTokenRequest? Wanted, DevelopmentTokenError? Error)> ReadAsync(HttpContext context)
    {
        try
        {
            return context.Request.HasFormContentType
                ? DevelopmentTokenRequest.Read(await context.Request.ReadFormAsync(context.RequestAborted))
                : (null, _notForm);
        }
        catch (Exception malformed) when (malformed is InvalidDataException or BadHttpRequestException)
        {
            return (null, _notForm);
        }
    }

    private static async Task<bool> ApproveAsync(ClientId client, ModuleProvider modules, CancellationToken cancellationToken)
    {
        try
        {
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                ActivationModule module = await modules.GetAsync(cancellationToken);
                if (!(await module.Clients.ApproveNewAsync(client, cancellationToken)).IsRefused(out Refusal? _, out _))
                {
                    return true;
                }
            }
        }
        catch (Exception away) when (away is RowStoreException or AuditUnavailableException or KeyBackendException)
        {
            // The answer says it; whoever asks again gets the token.
        }

        return false;
    }

    private static Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = status;

        // RFC 6749 section 5.1.
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(answer, type, contentType: null, context.RequestAborted);
    }
}
