using Microsoft.Extensions.Options;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Rows;
using Sam.KeyBackends.Pkcs11;
using Sam.Storage.Tables;

namespace Sam.LocalHost;

/// <summary>What this host adds to the API: an HSM by PKCS#11, two stores by Table Storage, and the purge.</summary>
internal static class LocalHostServices
{
    internal static IServiceCollection AddLocalModule(this IServiceCollection services)
    {
        services.AddHostModule(Create);
        services.AddHostedService<PurgeService>();
        return services;
    }

    private static HostModule Create(IServiceProvider provider)
    {
        IConfiguration configuration = provider.GetRequiredService<IConfiguration>();
        TimeProvider time = provider.GetRequiredService<TimeProvider>();
        return HostModule.Create(
            cancellationToken => Pkcs11KeyBackend.OpenAsync(configuration.Read("Pkcs11", new Pkcs11Options()), time, cancellationToken),
            cancellationToken => OpenAsync(configuration.Read("Storage", new TableStoreOptions { Tables = TableStoreOptions.MainTables }), cancellationToken),
            cancellationToken => OpenAsync(configuration.ReadAuditStore(new TableStoreOptions { Tables = TableStoreOptions.AuditTables }), cancellationToken),
            provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value,
            time,
            provider.GetRequiredService<IRevocationSource>(),
            provider.GetRequiredService<AuditSurroundings>(),
            provider.GetRequiredService<RunningConfiguration>());

        async Task<IRowStore> OpenAsync(TableStoreOptions options, CancellationToken cancellationToken) =>
            await TableRowStore.OpenAsync(options, time, cancellationToken);
    }
}
