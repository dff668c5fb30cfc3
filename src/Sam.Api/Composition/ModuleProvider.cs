using Sam.Core;

namespace Sam.Api.Composition;

/// <summary>
/// The activation module, opened once. A host that opens it at start finds a wrong PIN there; a serverless host opens it with the first request that needs it.
/// A failed opening is tried again by the next caller, not remembered.
/// </summary>
public sealed class ModuleProvider : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task<ActivationModule>> _open;
    private readonly SemaphoreSlim _opening = new(1);
    private ActivationModule? _module;

    /// <summary>Takes the way to open it.</summary>
    public ModuleProvider(Func<CancellationToken, Task<ActivationModule>> open) => _open = open;

    /// <summary>The module.</summary>
    public async Task<ActivationModule> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _module) is { } opened)
        {
            return opened;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            _module ??= await _open(cancellationToken);
            return _module;
        }
        finally
        {
            _opening.Release();
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
    }
}
