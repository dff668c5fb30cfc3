using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Sam.Api.Authentication;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>The authenticator as a host composes it, before a stub authority, under a clock that the test turns.</summary>
internal sealed class AuthenticationBed : IAsyncDisposable
{
    internal const string Audience = "https://sam.example";

    private readonly ServiceProvider _services;

    private AuthenticationBed(ServiceProvider services, FakeTimeProvider clock)
    {
        _services = services;
        Clock = clock;
    }

    internal FakeTimeProvider Clock { get; }

    internal static AuthenticationBed Oidc(StubAuthority authority, params IEnumerable<(string Key, string Value)> settings) =>
        Oidc(authority.Address, settings);

    internal static AuthenticationBed Oidc(string issuer, params IEnumerable<(string Key, string Value)> settings) => Open(
        null,
        [("Mode", "Oidc"), ("Audience", Audience), ("ClockSkew", "00:00:30"), ("Oidc:Authority", issuer), .. settings]);

    internal static AuthenticationBed EntraId(StubAuthority authority, string tenant, string client, params IEnumerable<(string Key, string Value)> settings) =>
        Open(() => new LoopbackHandler(authority), [("Mode", "EntraId"), ("EntraId:TenantId", tenant), ("EntraId:ClientId", client), .. settings]);

    internal Task<Result<Caller>> AuthenticateAsync(params string[] headers) => SendAsync(headers, TestContext.Current.CancellationToken);

    internal Task<Result<Caller>> AuthenticateTokenAsync(string token) => AuthenticateAsync($"Bearer {token}");

    /// <summary>The request of a caller who may hang up.</summary>
    internal Task<Result<Caller>> AuthenticateUntilAsync(string token, CancellationToken hangsUp) => SendAsync([$"Bearer {token}"], hangsUp);

    /// <summary>The claims of an ordinary token of a client, an hour long.</summary>
    internal JsonObject Claims(StubAuthority authority, string client = "sca") => new()
    {
        ["iss"] = authority.Address,
        ["aud"] = Audience,
        ["sub"] = client,
        ["client_id"] = client,
        ["iat"] = Now,
        ["nbf"] = Now,
        ["exp"] = Now + 3600,
    };

    internal long Now => Clock.GetUtcNow().ToUnixTimeSeconds();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private Task<Result<Caller>> SendAsync(string[] headers, CancellationToken aborted)
    {
        DefaultHttpContext context = new() { RequestAborted = aborted };
        context.Request.Headers.Authorization = headers;
        return _services.GetRequiredService<ITokenAuthenticator>().AuthenticateAsync(context);
    }

    private static AuthenticationBed Open(Func<HttpMessageHandler>? backchannel, IEnumerable<(string Key, string Value)> settings)
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 15, 9, 26, TimeSpan.Zero));
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSamAuthentication(Section(settings), isDevelopment: true);
        if (backchannel is not null)
        {
            services.AddHttpClient(SamAuthentication.Backchannel).ConfigurePrimaryHttpMessageHandler(backchannel);
        }

        return new AuthenticationBed(services.BuildServiceProvider(), clock);
    }

    /// <summary>A section of settings; of two with one name the later holds.</summary>
    internal static IConfiguration Section(IEnumerable<(string Key, string Value)> settings)
    {
        Dictionary<string, string?> section = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string key, string value) in settings)
        {
            section[key] = value;
        }

        return new ConfigurationBuilder().AddInMemoryCollection(section).Build();
    }

    /// <summary>Sends what is meant for the cloud to the stub.</summary>
    private sealed class LoopbackHandler : DelegatingHandler
    {
        private readonly Uri _address;

        internal LoopbackHandler(StubAuthority authority)
            : base(new SocketsHttpHandler()) => _address = new Uri(authority.Address);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Scheme = _address.Scheme, Host = _address.Host, Port = _address.Port }.Uri;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
