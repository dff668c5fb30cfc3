using Sam.Api.Factors;
using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Keys;
using Sam.Core.Rows;

namespace Sam.Api.Composition;

/// <summary>
/// What a host's activation module is built on: an HSM and two stores, each opened when it is first needed and kept. It owns them, and closes them after the module.
/// </summary>
public sealed class HostModule : IAsyncDisposable
{
    private readonly HsmPart _hsm;
    private readonly Func<CancellationToken, Task<IRowStore>> _openRows;
    private readonly Func<CancellationToken, Task<IRowStore>> _openAudit;
    private readonly SemaphoreSlim _opening = new(1);
    private IRowStore? _rows;
    private IRowStore? _audit;

    private HostModule(HsmPart hsm, Func<CancellationToken, Task<IRowStore>> openRows, Func<CancellationToken, Task<IRowStore>> openAudit)
    {
        _hsm = hsm;
        _openRows = openRows;
        _openAudit = openAudit;
    }

    /// <summary>Takes the ways to open the parts; opens nothing.</summary>
    public static HostModule Create<TBackend>(
        Func<CancellationToken, Task<TBackend>> openHsm,
        Func<CancellationToken, Task<IRowStore>> openRows,
        Func<CancellationToken, Task<IRowStore>> openAudit,
        ActivationModuleOptions options,
        TimeProvider time,
        IRevocationSource? authorities = null,
        AuditSurroundings? surroundings = null,
        RunningConfiguration? running = null)
        where TBackend : class, IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor =>
        new(new HsmPart<TBackend>(openHsm, options, time, authorities, surroundings, running), openRows, openAudit);

    /// <summary>The store of signers and transactions. Whoever purges needs no HSM for it.</summary>
    /// <exception cref="RowStoreException">The store is away.</exception>
    public async Task<IRowStore> GetRowsAsync(CancellationToken cancellationToken)
    {
        // A timer and a request may come for it at once.
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _rows ??= await _openRows(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Opens the module. What was opened by an attempt that failed is kept for the next one.</summary>
    public async Task<ActivationModule> OpenAsync(CancellationToken cancellationToken)
    {
        // The HSM first: a wrong PIN or module is what most often keeps a new host from starting.
        await _hsm.OpenAsync(cancellationToken);
        IRowStore rows = await GetRowsAsync(cancellationToken);
        _audit ??= await _openAudit(cancellationToken);
        return await _hsm.OpenModuleAsync(rows, _audit, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        (_rows as IDisposable)?.Dispose();
        (_audit as IDisposable)?.Dispose();
        await _hsm.CloseAsync();
        _opening.Dispose();
    }

    /// <summary>The HSM, whose kind the module wants to know and this class does not.</summary>
    private abstract class HsmPart
    {
        internal abstract Task OpenAsync(CancellationToken cancellationToken);

        internal abstract Task<ActivationModule> OpenModuleAsync(IRowStore rows, IRowStore audit, CancellationToken cancellationToken);

        internal abstract ValueTask CloseAsync();
    }

    private sealed class HsmPart<TBackend>(Func<CancellationToken, Task<TBackend>> open, ActivationModuleOptions options, TimeProvider time, IRevocationSource? authorities, AuditSurroundings? surroundings, RunningConfiguration? running) : HsmPart
        where TBackend : class, IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor
    {
        private TBackend? _backend;

        internal override async Task OpenAsync(CancellationToken cancellationToken) => _backend ??= await open(cancellationToken);

        internal override Task<ActivationModule> OpenModuleAsync(IRowStore rows, IRowStore audit, CancellationToken cancellationToken) =>
            ActivationModule.OpenAsync(rows, audit, _backend!, new Argon2idHash(), options, time, cancellationToken, authorities, surroundings, running);

        internal override ValueTask CloseAsync() => _backend?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
