using Sam.Core;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Rows;

namespace Sam.Api.Composition;

/// <summary>
/// The activation module, opened once. A host that opens it at start finds a wrong PIN there; a serverless host opens it with the first request that needs it.
/// A failed opening is tried again by the next caller, not remembered.
/// </summary>
public sealed class ModuleProvider : IAsyncDisposable
{
    private static readonly TimeSpan _checkInterval = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, Task<ActivationModule>> _open;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly SemaphoreSlim _checking = new(1);
    private ActivationModule? _module;
    private (ModuleHealth Health, long At)? _lastCheck;

    /// <summary>Takes the way to open it.</summary>
    public ModuleProvider(Func<CancellationToken, Task<ActivationModule>> open, TimeProvider time)
    {
        _open = open;
        _time = time;
    }

    /// <summary>The module, if it was opened already.</summary>
    public ActivationModule? Opened => Volatile.Read(ref _module);

    /// <summary>The module.</summary>
    /// <exception cref="KeyBackendException">It could not be opened: the HSM.</exception>
    /// <exception cref="RowStoreException">It could not be opened: the store.</exception>
    /// <exception cref="AuditUnavailableException">It could not be opened: the audit.</exception>
    public async Task<ActivationModule> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _module) is { } opened)
        {
            return opened;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            // No caller's token: opening logs in to the HSM, and a client that hangs up must not make the next one do it again.
            _module ??= await _open(CancellationToken.None);
            return _module;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Asks HSM and stores, at most once a second and one caller at a time: whoever asks more often gets the last answer.</summary>
    public async Task<ModuleHealth> CheckAsync(CancellationToken cancellationToken)
    {
        await _checking.WaitAsync(cancellationToken);
        try
        {
            if (_lastCheck is { } last && _time.GetElapsedTime(last.At) < _checkInterval)
            {
                return last.Health;
            }

            ModuleHealth health = await CheckNowAsync();
            _lastCheck = (health, _time.GetTimestamp());
            return health;
        }
        finally
        {
            _checking.Release();
        }
    }

    /// <summary>Closes the module, if it was opened.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_module is not null)
        {
            await _module.DisposeAsync();
        }

        _opening.Dispose();
        _checking.Dispose();
    }

    private async Task<ModuleHealth> CheckNowAsync()
    {
        // No caller's token: the answer is for all who wait.
        try
        {
            return await (await GetAsync(CancellationToken.None)).CheckAsync(CancellationToken.None);
        }
        catch (KeyBackendException)
        {
            return new ModuleHealth(Hsm: false, Storage: null, Audit: null);
        }
        catch (RowStoreException)
        {
            return new ModuleHealth(Hsm: null, Storage: false, Audit: null);
        }
        catch (AuditUnavailableException)
        {
            return new ModuleHealth(Hsm: null, Storage: null, Audit: false);
        }
    }
}
