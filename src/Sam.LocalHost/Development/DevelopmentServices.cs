using Microsoft.Extensions.Options;
using Sam.Api.Authentication;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Algorithms;
using Sam.Core.Certificates;

namespace Sam.LocalHost.Development;

/// <summary>What the Development environment adds: an issuer of tokens, which is also the default one, officers whose keys anybody has, and the refusals' counts.</summary>
internal static class DevelopmentServices
{
    internal static IServiceCollection AddDevelopmentServices(this IServiceCollection services, IConfiguration configuration)
    {
        DevelopmentOptions options = new();
        configuration.GetSection($"{SamApiServices.Section}:Development").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        services.AddSingleton<RefusalCounts>();
        services.AddSingleton(_ => new DevelopmentKey(DevelopmentIssuerKey.Open(options.IssuerKeyFile)));
        services.AddSingleton(provider => new DevelopmentOfficers(provider.GetRequiredService<DevelopmentKey>(), options.InitializationSecretFile));
        services.AddSingleton(provider => new DevelopmentIssuer(
            provider.GetRequiredService<DevelopmentKey>().Pkcs8,
            provider.GetRequiredService<IOptions<SamAuthenticationOptions>>().Value.Audience ?? DevelopmentIssuer.DefaultAudience,
            provider.GetRequiredService<IOptions<SamApiOptions>>().Value.PublicAddress,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => provider.GetRequiredService<DevelopmentIssuer>().Trust);

        // One that was told of no secret can be initialised with the development officers.
        services.AddOptions<ActivationModuleOptions>().PostConfigure<DevelopmentOfficers>((module, officers) => module.Officers.InitializationSecretDigest ??= officers.SecretDigest);

        // Who tries things out tries all kinds of keys, unless told which.
        services.PostConfigure<ActivationModuleOptions>(module => module.Keys.Algorithms ??= [.. KeyAlgorithm.All.Select(a => a.Name)]);

        // The embedded default: a host that was told of no issuer uses its own.
        services.PostConfigure<SamAuthenticationOptions>(authentication =>
        {
            authentication.Mode ??= AuthenticationMode.Development;
            if (authentication.Mode == AuthenticationMode.Development)
            {
                authentication.Audience ??= DevelopmentIssuer.DefaultAudience;
            }
        });

        // And one that was told of no authority takes the certificates of whoever tries it out.
        services.PostConfigure<ActivationModuleOptions>(module =>
            module.Certificates.AcceptAnyChain |= module.Certificates is { TrustAnchorFiles.Count: 0, TrustAnchors: null, Revocation: RevocationMode.None });
        return services;
    }
}
