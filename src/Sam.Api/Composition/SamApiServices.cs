using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sam.Api.Authentication;
using Sam.Api.Certificates;
using Sam.Api.Pipeline;
using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;

namespace Sam.Api.Composition;

/// <summary>Puts the API together, for any host.</summary>
public static class SamApiServices
{
    /// <summary>The section of the configuration that all options stand in.</summary>
    public const string Section = "Sam";

    /// <summary>
    /// Adds the pipeline and what it needs, but for the <see cref="ModuleProvider"/>: HSM and stores are the host's matter. Options are validated when the host starts.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's configuration; the section <c>Sam</c> of it is read.</param>
    /// <param name="environment">Development allows the development issuer.</param>
    /// <param name="hostRoutes">Routes beside the table's.</param>
    public static IServiceCollection AddSamApi(
        this IServiceCollection services,
        IConfiguration configuration,
        IHostEnvironment environment,
        params IReadOnlyList<SamRoute> hostRoutes)
    {
        IConfigurationSection section = configuration.GetSection(Section);
        KnownSettings.Check(section);
        services.AddOptions<SamApiOptions>().Bind(section)
            .PostConfigure<IOptions<SamAuthenticationOptions>>((api, authentication) => api.Info.OAuth2Issuer ??= IssuerOf(authentication.Value))
            .ValidateOnStart();
        services.AddOptions<ActivationModuleOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SamApiOptions>, SamApiOptionsValidator>();
        services.AddSingleton<IValidateOptions<ActivationModuleOptions>>(new ActivationModuleOptionsValidator(environment));
        services.AddSamAuthentication(section.GetSection("Authentication"), environment.IsDevelopment());
        services.AddMetrics();
        services.AddSamTelemetry(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RefusalMeter>();
        services.AddSingleton<IRevocationSource>(provider => new RevocationClient(
            provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value.Certificates,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RevocationClient>>()));
        services.AddSingleton(AuditSurroundingsOf);
        services.AddSingleton(provider => new RunningConfiguration(
            SecuritySettings.Of(
                provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value,
                ("Authentication", provider.GetRequiredService<IOptions<SamAuthenticationOptions>>().Value)),
            IsEnforced: !environment.IsDevelopment()));
        services.AddSingleton(provider => new OverloadGate(provider.GetRequiredService<IOptions<SamApiOptions>>().Value.Gate));
        services.AddSingleton(provider => new SamPipeline(
            [.. RouteTable.All, .. hostRoutes],
            provider.GetRequiredService<ITokenAuthenticator>(),
            provider.GetRequiredService<OverloadGate>(),
            provider.GetRequiredService<ModuleProvider>(),
            provider.GetRequiredService<IOptions<SamApiOptions>>().Value,
            provider.GetRequiredService<RefusalMeter>(),
            provider.GetRequiredService<ILogger<SamPipeline>>()));
        return services;
    }

    /// <summary>Adds the module of a host and what goes with it: who opens it, and the purge. Nothing is opened by it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="create">Names the HSM and the stores.</param>
    public static IServiceCollection AddHostModule(this IServiceCollection services, Func<IServiceProvider, HostModule> create)
    {
        services.AddSingleton(create);

        // The provider asks for the module's owner, so the container closes it first and its owner after it.
        services.AddSingleton(provider =>
            new ModuleProvider(provider.GetRequiredService<HostModule>().OpenAsync, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ExpiredRowPurge>();
        return services;
    }

    private static AuditSurroundings AuditSurroundingsOf(IServiceProvider provider)
    {
        ILogger logger = provider.GetRequiredService<ILogger<AuditSurroundings>>();
        return new AuditSurroundings
        {
            Witness = provider.GetService<IHeadWitness>()
                ?? (provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value.Audit.HeadsFile is { } file ? new FileHeadWitness(file) : null),
            HeadNotKept = failure => Log.HeadNotKept(logger, failure),
            CheckpointNotMade = failure => Log.CheckpointNotMade(logger, failure),
        };
    }

    /// <summary>What <c>info</c> names unless it is told otherwise. The development issuer's address is that of each request.</summary>
    private static string? IssuerOf(SamAuthenticationOptions options) => options.Mode switch
    {
        AuthenticationMode.Oidc => options.Oidc.Authority,
        AuthenticationMode.EntraId => $"{options.EntraId.Instance.OriginalString.TrimEnd('/')}/{options.EntraId.TenantId}/v2.0",
        _ => null,
    };
}
