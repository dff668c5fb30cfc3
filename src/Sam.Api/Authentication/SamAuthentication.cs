using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sam.Api.Authentication;

/// <summary>Registers the verification of access tokens.</summary>
public static class SamAuthentication
{
    /// <summary>The name of the HTTP client that reads the issuer's metadata and keys.</summary>
    public const string Backchannel = "Sam.Authentication";

    /// <summary>
    /// Adds <see cref="ITokenAuthenticator"/>, configured by the section <c>Sam:Authentication</c> and checked at start. In the mode Development the
    /// host also registers its issuer as a <see cref="DevelopmentTrust"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">The section.</param>
    /// <param name="isDevelopment">Whether the host runs in the Development environment.</param>
    public static IServiceCollection AddSamAuthentication(this IServiceCollection services, IConfiguration section, bool isDevelopment)
    {
        // A misspelled setting must not leave a default in its place.
        services.AddOptions<SamAuthenticationOptions>().Bind(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SamAuthenticationOptions>>(new SamAuthenticationOptionsValidator(isDevelopment));
        services.TryAddSingleton(TimeProvider.System);

        // Redirects are not followed: the issuer's keys come from the issuer.
        services.AddHttpClient(Backchannel, client =>
            {
                client.Timeout = TimeSpan.FromSeconds(10);
                client.MaxResponseContentBufferSize = 1_048_576;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });

        services.AddSingleton<ITokenAuthenticator>(provider => Create(
            provider.GetRequiredService<IOptions<SamAuthenticationOptions>>().Value,
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetService<DevelopmentTrust>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BearerAuthenticator>>()));
        return services;
    }

    private static BearerAuthenticator Create(
        SamAuthenticationOptions options, IHttpClientFactory clients, DevelopmentTrust? development, TimeProvider clock, ILogger<BearerAuthenticator> logger)
    {
        AccessTokenIssuer issuer = Issuers.Create(options, clients, development);
        return new BearerAuthenticator(new TokenVerifier(issuer, options.ClockSkew, clock, logger), issuer.ReadCaller);
    }
}
