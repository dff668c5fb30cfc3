using Microsoft.Extensions.Options;
using Sam.Api.Composition;
using Sam.Api.Factors;
using Sam.Core;
using Sam.KeyBackends.Pkcs11;
using Sam.Storage.Tables;

namespace Sam.LocalHost;

/// <summary>The activation module of this host: an HSM by PKCS#11, two stores by Table Storage. It owns what the module is built on, and closes it after the module.</summary>
internal sealed class LocalModule : IAsyncDisposable
{
    private readonly IConfigurationSection _section;
    private readonly ActivationModuleOptions _options;
    private readonly TimeProvider _time;
    private readonly List<IDisposable> _stores = [];
    private Pkcs11KeyBackend? _hsm;

    public LocalModule(IConfiguration configuration, IOptions<ActivationModuleOptions> options, TimeProvider time)
    {
        _section = configuration.GetSection(SamApiServices.Section);
        _options = options.Value;
        _time = time;
    }

    /// <summary>The store of signers and transactions, once the module was opened.</summary>
    internal TableRowStore? Store { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        if (_hsm is not null)
        {
            await _hsm.DisposeAsync();
        }
    }

    internal async Task<ActivationModule> OpenAsync(CancellationToken cancellationToken)
    {
        _hsm ??= await Pkcs11KeyBackend.OpenAsync(Read<Pkcs11Options>("Pkcs11"), _time, cancellationToken);
        Store ??= await OpenStoreAsync("Storage", TableStoreOptions.MainTables, cancellationToken);
        TableRowStore audit = await OpenStoreAsync("Audit", TableStoreOptions.AuditTables, cancellationToken);
        return await ActivationModule.OpenAsync(Store, audit, _hsm, new Argon2idHash(), _options, _time, cancellationToken);
    }

    private async Task<TableRowStore> OpenStoreAsync(string name, IReadOnlyList<Core.Rows.SamTable> tables, CancellationToken cancellationToken)
    {
        TableRowStore store = await TableRowStore.OpenAsync(Read<StoreOptions>(name).For(tables), _time, cancellationToken);
        _stores.Add(store);
        return store;
    }

    /// <summary>A misspelled setting must not leave a default in its place.</summary>
    private T Read<T>(string name)
        where T : new() => _section.GetSection(name).Get<T>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new T();
}
