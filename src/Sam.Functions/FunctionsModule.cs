using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sam.Api.Composition;
using Sam.Core;
using Sam.Core.Rows;
using Sam.KeyBackends.ManagedHsm;
using Sam.KeyBackends.Pkcs11;
using Sam.Storage.Blobs;
using Sam.Storage.Tables;

namespace Sam.Functions;

/// <summary>The HSM and the stores of this host: Managed HSM in a deployment; an HSM by PKCS#11 in tests, or where one is attached.</summary>
internal static class FunctionsModule
{
    /// <summary>Checks all settings without opening anything; gives the way to make the module.</summary>
    /// <exception cref="InvalidOperationException">A setting is not known, or both HSMs are configured, or none.</exception>
    /// <exception cref="ArgumentException">A setting of a store cannot be.</exception>
    /// <exception cref="Core.Keys.KeyBackendException">A setting of the HSM cannot be.</exception>
    internal static Func<IServiceProvider, HostModule> Check(IConfiguration configuration)
    {
        // With both, whoever reads the settings would have to guess which one has the keys.
        if (configuration.Has("ManagedHsm") == configuration.Has("Pkcs11"))
        {
            throw new InvalidOperationException("Set either Sam:ManagedHsm or Sam:Pkcs11: exactly one HSM.");
        }

        Stores stores = new(
            Store("Storage", () => configuration.Read("Storage", new TableStoreOptions { Tables = TableStoreOptions.MainTables })),
            Store("Audit", () => configuration.ReadAuditStore(new TableStoreOptions { Tables = TableStoreOptions.AuditTables })));
        if (configuration.Has("Pkcs11"))
        {
            Pkcs11Options token = configuration.Read("Pkcs11", new Pkcs11Options());
            token.Validate();
            return provider => Create(provider, stores, (time, cancellationToken) => Pkcs11KeyBackend.OpenAsync(token, time, cancellationToken), Running(provider));
        }

        ManagedHsmOptions hsm = configuration.Read("ManagedHsm", new ManagedHsmOptions());
        hsm.Validate();

        // Whatever the platform calls this environment: who may say that must not be able to sign with settings of their own.
        return provider => Create(provider, stores, (time, _) => Task.FromResult(Open(hsm, time)), Running(provider) with { IsEnforced = true });
    }

    /// <summary>Where heads of the audit are kept; null for nowhere but, maybe, a file.</summary>
    internal static Core.Audit.IHeadWitness? ReadWitness(IConfiguration configuration) =>
        configuration.GetSection("Sam:Audit") is var audit && audit["HeadsContainer"] is { } container
            ? BlobHeadWitness.Open(new Uri(container), audit["ManagedIdentityClientId"], TimeProvider.System)
            : null;

    private static TableStoreOptions Store(string name, Func<TableStoreOptions> read)
    {
        TableStoreOptions options = read();
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException fault)
        {
            throw new ArgumentException($"Sam:{name}: {fault.Message}", fault);
        }
    }

    private static Core.Configuration.RunningConfiguration Running(IServiceProvider provider) => provider.GetRequiredService<Core.Configuration.RunningConfiguration>();

    private static HostModule Create<TBackend>(
        IServiceProvider provider, Stores stores, Func<TimeProvider, CancellationToken, Task<TBackend>> openHsm, Core.Configuration.RunningConfiguration running)
        where TBackend : class, Core.Keys.IKeyBackend, Core.Keys.IKeyWrapping, Core.Keys.IMacKeys, Core.Keys.IHsmAnchor
    {
        TimeProvider time = provider.GetRequiredService<TimeProvider>();
        return HostModule.Create(
            cancellationToken => openHsm(time, cancellationToken),
            cancellationToken => OpenAsync(stores.Rows, cancellationToken),
            cancellationToken => OpenAsync(stores.Audit, cancellationToken),
            provider.GetRequiredService<IOptions<ActivationModuleOptions>>().Value,
            time,
            provider.GetRequiredService<Core.Certificates.IRevocationSource>(),
            provider.GetRequiredService<Core.Audit.AuditSurroundings>(),
            running);

        async Task<IRowStore> OpenAsync(TableStoreOptions options, CancellationToken cancellationToken) =>
            await TableRowStore.OpenAsync(options, time, cancellationToken);
    }

    private static ManagedHsmKeyBackend Open(ManagedHsmOptions options, TimeProvider time) =>
        new(options, (address, credential) => new SdkKeyManagement(address, credential), time);

    private sealed record Stores(TableStoreOptions Rows, TableStoreOptions Audit);
}
