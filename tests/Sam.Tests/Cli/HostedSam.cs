using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sam.Api.Pipeline;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;

namespace Sam.Tests.Cli;

/// <summary>The real API in front of a SAM in memory, on a port of this machine. A token is <c>client</c>, or <c>client:subject</c> for somebody's own.</summary>
internal sealed class HostedSam : IAsyncDisposable
{
    private readonly PipelineBed _pipeline;
    private readonly WebApplication _app;
    private readonly AsyncLocal<string> _token = new();

    private HostedSam(OfficersTestBed officers)
    {
        Officers = officers;
        _pipeline = PipelineBed.Before(officers.Bed);
        _pipeline.Tokens.Answer = Authenticate;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context => Front(context, () => AnswerAsync(context)));
    }

    internal OfficersTestBed Officers { get; }

    internal string Url => _app.Urls.Single();

    /// <summary>Says what a token means, where tokens are not what they mean.</summary>
    internal Func<string, string> ReadToken { get; set; } = token => token;

    /// <summary>What stands before the API, which it calls or does not.</summary>
    internal Func<HttpContext, Func<Task>, Task> Front { get; set; } = (_, next) => next();

    internal static async Task<HostedSam> StartAsync(bool isInitialized = true)
    {
        HostedSam sam = new(isInitialized ? await OfficersTestBed.OpenInitializedAsync() : await OfficersTestBed.OpenAsync());
        await sam._app.StartAsync();
        return sam;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _pipeline.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        _token.Value = context.Request.Headers.Authorization.ToString().Replace("Bearer ", string.Empty, StringComparison.Ordinal);
        SamRoute? route = _pipeline.Pipeline.Routes.FirstOrDefault(r => r.Methods.Contains(context.Request.Method) && PathTemplate.IsMatch(r.Path, context.Request.Path));
        return route is null ? _pipeline.Pipeline.RunUnroutedAsync(context) : _pipeline.Pipeline.RunAsync(context, route);
    }

    private Result<Caller> Authenticate() => ReadToken(_token.Value!).Split(':') switch
    {
        [{ Length: > 0 } client] => new Caller(SamTestBed.Id(client), Login: null),
        [var client, var subject] => new Caller(SamTestBed.Id(client), SamTestBed.Login(subject)),
        _ => SamErrorCode.AuthorizationHeaderMalformed,
    };
}
