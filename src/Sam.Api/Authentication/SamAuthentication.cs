using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Sam.Api.Authentication;

/// <summary>Registers the verification of access tokens.</summary>
public static class SamAuthentication
{
    /// <summary>
    /// The one authentication scheme. Its <c>JwtBearerOptions</c> say how tokens are verified; a host may configure them further
    /// (the development host adds its own issuer's key).
    /// </summary>
    public const string Scheme = "Sam";

    /// <summary>Adds <see cref="ITokenAuthenticator"/>, configured by the section <c>Sam:Authentication</c>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">The section.</param>
    /// <param name="isDevelopment">Whether the host runs in the Development environment.</param>
    public static IServiceCollection AddSamAuthentication(this IServiceCollection services, IConfiguration section, bool isDevelopment)
    {
        services.Configure<SamAuthenticationOptions>(section);
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }
}
