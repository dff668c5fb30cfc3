using Sam.Api.Composition;

namespace Sam.LocalHost;

/// <summary>What this host adds to the API: its module, and the purge.</summary>
internal static class LocalHostServices
{
    internal static IServiceCollection AddLocalModule(this IServiceCollection services)
    {
        services.AddSingleton<LocalModule>();

        // The provider asks for the module's owner, so the container closes it first and its owner after it.
        services.AddSingleton(provider =>
            new ModuleProvider(provider.GetRequiredService<LocalModule>().OpenAsync, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<PurgeService>();
        return services;
    }
}
