using Microsoft.AspNetCore.Http;
using Sam.Api.Csc;
using Sam.Core;

namespace Sam.Api.Pipeline;

/// <summary>For those who run the service: is the process alive, and can it serve?</summary>
internal static class HealthHandlers
{
    internal static Task<SamResponse> LiveAsync(SamRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(SamResponse.Ok(new HealthAnswer("ok"), CscJson.Web.HealthAnswer));

    /// <summary>HSM and stores are really asked. Who may ask is not checked, so how often is: see <see cref="Composition.ModuleProvider.CheckAsync"/>.</summary>
    internal static async Task<SamResponse> ReadyAsync(SamRequest request, CancellationToken cancellationToken)
    {
        ModuleHealth health = await request.Modules.CheckAsync(cancellationToken);
        return SamResponse.Ok(
            new ReadyAnswer(health.IsReady ? "ready" : "not ready", Text(health.Hsm), Text(health.Storage), Text(health.Audit), health.Configuration switch { true => "approved", false => "not approved", null => "not asked" }, health.Randomness ? "ok" : "failed"),
            CscJson.Web.ReadyAnswer,
            health.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static string Text(bool? answers) => answers switch { true => "ok", false => "away", null => "not asked" };
}
