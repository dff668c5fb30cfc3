using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Sam.Api.Authentication;

/// <summary>Makes the one issuer that the options choose.</summary>
internal static class Issuers
{
    internal static AccessTokenIssuer Create(SamAuthenticationOptions options, IHttpClientFactory clients, DevelopmentTrust? development) => options.Mode switch
    {
        AuthenticationMode.Development => Development(options, development
            ?? throw new InvalidOperationException("Sam:Authentication:Mode is Development, but this host has no development issuer.")),
        AuthenticationMode.Oidc => Oidc(options, clients),
        AuthenticationMode.EntraId => EntraId(options, clients),
        _ => throw new InvalidOperationException("Sam:Authentication:Mode is not set."),
    };

    private static AccessTokenIssuer Development(SamAuthenticationOptions options, DevelopmentTrust development)
    {
        OpenIdConnectConfiguration configuration = new();
        configuration.SigningKeys.Add(development.Key);
        TokenValidationParameters parameters = new()
        {
            ValidAudience = options.Audience,
            IssuerValidator = (issuer, _, _) => development.IsIssuer(issuer) ? issuer : throw new SecurityTokenInvalidIssuerException("Not this host's issuer."),
        };
        return new AccessTokenIssuer(parameters, _ => Task.FromResult(configuration), new OidcCallerReader(null, DevelopmentTrust.IssuerName));
    }

    private static AccessTokenIssuer Oidc(SamAuthenticationOptions options, IHttpClientFactory clients)
    {
        string issuer = options.Oidc.Authority!;
        TokenValidationParameters parameters = new() { ValidIssuer = issuer, ValidAudience = options.Audience };
        bool https = issuer.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        return new AccessTokenIssuer(
            parameters,
            async cancellationToken =>
            {
                OpenIdConnectConfiguration configuration =
                    await FetchAsync($"{issuer.TrimEnd('/')}/.well-known/openid-configuration", https, clients, cancellationToken);

                // RFC 8414 section 3.3: metadata that name another issuer must not be used.
                return configuration.Issuer == issuer
                    ? configuration
                    : throw new InvalidOperationException($"The metadata of {issuer} name another issuer, {configuration.Issuer}.");
            },
            new OidcCallerReader(options.Oidc.ClientTokenMark));
    }

    /// <summary>
    /// Microsoft.Identity.Web configures ASP.NET Core's authentication, and what it configured is what we take: how issuers of both token versions are
    /// told in every cloud, and which key may sign for which tenant. It gets a container of its own, since in the host's a web application would add
    /// the authentication middleware by itself, and verify everything twice on one of the two hosts.
    /// </summary>
    private static AccessTokenIssuer EntraId(SamAuthenticationOptions options, IHttpClientFactory clients)
    {
        EntraIdOptions entra = options.EntraId;
        string[] audiences = options.Audience is null ? [entra.ClientId!, $"api://{entra.ClientId}"] : [options.Audience];
        ServiceCollection services = new();
        services.AddLogging();

        // Asked for by the package, which finds nothing in it: all that it is to know stands below.
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(clients);
        services.Configure<AadIssuerValidatorOptions>(validator => validator.HttpClientName = SamAuthentication.Backchannel);
        services.AddAuthentication().AddMicrosoftIdentityWebApi(
            bearer => bearer.TokenValidationParameters.ValidAudiences = audiences,
            identity =>
            {
                identity.Instance = entra.Instance.AbsoluteUri;
                identity.TenantId = entra.TenantId;
                identity.ClientId = entra.ClientId;
            });

        using ServiceProvider provider = services.BuildServiceProvider();
        JwtBearerOptions configured = provider.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme);
        return new AccessTokenIssuer(
            configured.TokenValidationParameters,
            cancellationToken => FetchAsync(configured.MetadataAddress, requireHttps: true, clients, cancellationToken),
            new EntraIdCallerReader(entra.Instance.OriginalString.TrimEnd('/')));
    }

    private static Task<OpenIdConnectConfiguration> FetchAsync(
        string address, bool requireHttps, IHttpClientFactory clients, CancellationToken cancellationToken) =>
        OpenIdConnectConfigurationRetriever.GetAsync(
            address,
            new HttpDocumentRetriever(clients.CreateClient(SamAuthentication.Backchannel)) { RequireHttps = requireHttps },
            cancellationToken);
}
