using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sam.Api.Authentication;
using Sam.Api.Composition;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.LocalHost.Development;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>The development issuer on loopback, beside the authenticator that it configures, over a SAM in memory.</summary>
internal sealed class DevelopmentHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DevelopmentHost(WebApplication app, SamTestBed bed)
    {
        _app = app;
        Bed = bed;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    internal SamTestBed Bed { get; }

    internal HttpClient Http { get; }

    internal string Issuer => $"{_app.Urls.Single()}/dev";

    internal static async Task<DevelopmentHost> StartAsync(params IEnumerable<(string Key, string Value)> settings)
    {
        SamTestBed bed = await SamTestBed.OpenAsync();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Services.AddSingleton<TimeProvider>(bed.Clock);
        builder.Services.AddSingleton(new ModuleProvider(_ => Task.FromResult(bed.Sam), bed.Clock));
        builder.Services.AddOptions<SamApiOptions>().BindConfiguration("Sam");
        builder.Services.AddSamAuthentication(builder.Configuration.GetSection("Sam:Authentication"), isDevelopment: true);
        builder.Services.AddDevelopmentServices(builder.Configuration);
        WebApplication app = builder.Build();
        app.MapDevelopmentIssuer();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new DevelopmentHost(app, bed);
    }

    internal async Task<(int Status, JsonElement Answer)> AskAsync(string form)
    {
        using StringContent content = new(form, null, "application/x-www-form-urlencoded");
        using HttpResponseMessage response = await Http.PostAsync("/dev/token", content, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    internal async Task<string> GetTokenAsync(string form)
    {
        (int status, JsonElement answer) = await AskAsync(form);
        Assert.Equal(200, status);
        return answer.GetProperty("access_token").GetString()!;
    }

    internal Task<Result<Caller>> AuthenticateAsync(string token)
    {
        DefaultHttpContext context = new();
        context.Request.Headers.Authorization = $"Bearer {token}";
        return _app.Services.GetRequiredService<ITokenAuthenticator>().AuthenticateAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
