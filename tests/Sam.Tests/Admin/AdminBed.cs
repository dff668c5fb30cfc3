using System.Text;
using Microsoft.AspNetCore.Http;
using Sam.Api.Pipeline;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;

namespace Sam.Tests.Admin;

/// <summary>The pipeline in front of a SAM that has privileged users, and requests as they send them.</summary>
internal sealed class AdminBed : IAsyncDisposable
{
    private const string Token = "a-token";

    private readonly PipelineBed _pipeline;

    private AdminBed(OfficersTestBed officers)
    {
        Officers = officers;
        _pipeline = PipelineBed.Before(officers.Bed);
    }

    internal OfficersTestBed Officers { get; }

    internal IReadOnlyList<SamRoute> Routes => _pipeline.Pipeline.Routes;

    internal static async Task<AdminBed> OpenAsync(bool isInitialized = true) =>
        new(await (isInitialized ? OfficersTestBed.OpenInitializedAsync() : OfficersTestBed.OpenAsync()));

    /// <summary>A request of a privileged user, signed with their key.</summary>
    internal Task<Answer> SendAsync(TestOfficer officer, string method, string target, string body = "", Action<HttpContext>? change = null, string? ifMatch = null, string? idempotencyKey = null)
    {
        ProofClaims claims = new(
            Officers.Sam.Officers.DeploymentId, method, target, ProofClaims.HashOf(Encoding.ASCII.GetBytes(Token)), ProofClaims.HashOf(Encoding.UTF8.GetBytes(body)),
            ProofClaims.NewId(), Officers.Bed.Clock.GetUtcNow().ToUnixTimeSeconds(), ifMatch, idempotencyKey);
        return SendAsync(
            new Caller(SamTestBed.Id("console"), officer.Login),
            method,
            target,
            body,
            context =>
            {
                context.Request.Headers["Sam-Proof"] = claims.Sign(officer.Key);
                context.Request.Headers.IfMatch = ifMatch is null ? default : new Microsoft.Extensions.Primitives.StringValues(ifMatch);
                context.Request.Headers["Idempotency-Key"] = idempotencyKey is null ? default : new Microsoft.Extensions.Primitives.StringValues(idempotencyKey);
                change?.Invoke(context);
            });
    }

    /// <summary>A request under a token that says who somebody is, or that is refused.</summary>
    internal async Task<Answer> SendAsync(Result<Caller> caller, string method, string target, string body = "", Action<HttpContext>? change = null)
    {
        string[] parts = target.Split('?', 2);
        CountedBody sent = new(Encoding.UTF8.GetBytes(body));
        DefaultHttpContext context = PipelineBed.Request(method, parts[0], sent);
        context.Request.QueryString = parts.Length > 1 ? new QueryString($"?{parts[1]}") : default;
        context.Request.Headers.Authorization = $"Bearer {Token}";
        change?.Invoke(context);
        _pipeline.Tokens.Answer = () => caller;
        SamRoute? route = Routes.FirstOrDefault(r => r.Methods.Contains(method) && PathTemplate.IsMatch(r.Path, parts[0]));
        await (route is null ? _pipeline.Pipeline.RunUnroutedAsync(context) : _pipeline.Pipeline.RunAsync(context, route));
        RecordedTraffic.Check(context, sent);
        return Answer.Of(context);
    }

    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync();
    }
}
