using Sam.Api.Admin;
using Sam.Api.Csc;
using Sam.Api.OpenApi;

namespace Sam.Api.Pipeline;

/// <summary>All routes. Whatever is not here is answered by the pipeline's catch-all.</summary>
public static class RouteTable
{
    private static readonly string[] _get = ["GET"];
    private static readonly string[] _post = ["POST"];

    /// <summary>The routes, in no order that matters: no path is a prefix of another's match.</summary>
    public static IReadOnlyList<SamRoute> All { get; } =
    [
        // Some clients ask for info with GET; it reads nothing, so there is nothing to refuse.
        new("v2-info", ["POST", "GET"], "/csc/v2/info", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, InfoHandler.HandleAsync),
        new("v2-credentials-list", _post, "/csc/v2/credentials/list", RoutePolicy.Client, RouteGate.Open, ReadsBody: true, CredentialsListHandler.HandleAsync),
        new("v2-credentials-info", _post, "/csc/v2/credentials/info", RoutePolicy.Client, RouteGate.Open, ReadsBody: true, CredentialsInfoHandler.HandleAsync),
        new("v2-credentials-authorize", _post, "/csc/v2/credentials/authorize", RoutePolicy.Client, RouteGate.Authorizing, ReadsBody: true, CredentialsAuthorizeHandler.HandleAsync),
        new("v2-credentials-authorizeCheck", _post, "/csc/v2/credentials/authorizeCheck", RoutePolicy.Client, RouteGate.Authorizing, ReadsBody: true, CredentialsAuthorizeCheckHandler.HandleAsync),
        new("v2-credentials-getChallenge", _post, "/csc/v2/credentials/getChallenge", RoutePolicy.Client, RouteGate.Authorizing, ReadsBody: true, CredentialsGetChallengeHandler.HandleAsync),
        new("v2-credentials-extendTransaction", _post, "/csc/v2/credentials/extendTransaction", RoutePolicy.Client, RouteGate.Signing, ReadsBody: true, CredentialsExtendTransactionHandler.HandleAsync),
        new("v2-signatures-signHash", _post, "/csc/v2/signatures/signHash", RoutePolicy.Client, RouteGate.Signing, ReadsBody: true, SignaturesSignHashHandler.HandleAsync),
        new("logo", _get, LogoHandler.Path, RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, LogoHandler.HandleAsync),
        new("healthz", _get, "/healthz", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, HealthHandlers.LiveAsync),
        new("readyz", _get, "/readyz", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, HealthHandlers.ReadyAsync),
        new("sam-openapi", _get, OpenApiHandlers.DocumentPath, RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, OpenApiHandlers.GetDocumentAsync),
        new("sam-docs", _get, OpenApiHandlers.PagePath, RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, OpenApiHandlers.GetPageAsync),
        .. AdminRoutes.All,
    ];
}
