using Microsoft.Extensions.Options;
using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.LocalHost.Development;

/// <summary>The <c>/dev</c> endpoints beside the issuer's. They exist in Development only, and answer on loopback only.</summary>
internal static class DevelopmentRoutes
{
    // Somebody else may change the signer at the same time.
    private const int Attempts = 5;

    private static readonly string[] _post = ["POST"];
    private static readonly string[] _get = ["GET"];

    internal static IReadOnlyList<SamRoute> All { get; } =
    [
        new("dev-officers", _get, "/dev/officers", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, TellOfficersAsync),
        new("dev-signers-any-client", _post, "/dev/signers/{signer}/any-client", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, LinkAnyClientAsync),
        new("dev-refusals", _get, "/dev/refusals", RoutePolicy.Anonymous, RouteGate.Open, ReadsBody: false, CountRefusalsAsync),
    ];

    private static Task<SamResponse> TellOfficersAsync(SamRequest request, CancellationToken cancellationToken)
    {
        IServiceProvider services = request.Http.RequestServices;
        string? digest = services.GetRequiredService<IOptions<ActivationModuleOptions>>().Value.Officers.InitializationSecretDigest;
        return Task.FromResult(SamResponse.Ok(services.GetRequiredService<DevelopmentOfficers>().Tell(digest), DevelopmentJson.Web.DevelopmentOfficersAnswer));
    }

    /// <summary>
    /// Lets any approved client act for a signer. The Admin API names clients one by one, and must: here it is for a test from outside that makes a signer before it knows which client it will be.
    /// </summary>
    private static async Task<SamResponse> LinkAnyClientAsync(SamRequest request, CancellationToken cancellationToken)
    {
        if (!SignerId.TryParse(request.Path("signer"), out SignerId signer))
        {
            return SamResponse.Refuse(SamErrorCode.SignerUnknown);
        }

        ActivationModule module = await request.GetModuleAsync(cancellationToken);
        for (int attempt = 1; ; attempt++)
        {
            Result<SignerId> linked = await module.Signers.SetClientsAsync(signer, LinkedClients.AnyApproved, Actor.Sam, expected: null, cancellationToken);
            if (linked.Refusal is not { } refusal)
            {
                return new SamResponse.Empty();
            }

            if (refusal.Code != SamErrorCode.RowConflict || attempt == Attempts)
            {
                return SamResponse.Refuse(refusal);
            }
        }
    }

    private static Task<SamResponse> CountRefusalsAsync(SamRequest request, CancellationToken cancellationToken) => Task.FromResult(SamResponse.Ok(
        request.Http.RequestServices.GetRequiredService<RefusalCounts>().Snapshot(), DevelopmentJson.Web.IReadOnlyDictionaryStringInt64));
}
