using Sam.Api.Composition;

namespace Sam.Api.Pipeline;

/// <summary>Refuses what cannot be served soon, before it costs anything (security decision 7). No queue: a queue in front of an HSM only makes everybody late.</summary>
internal sealed class OverloadGate : IDisposable
{
    private readonly SemaphoreSlim _authorizing;
    private readonly SemaphoreSlim _signing;
    private readonly SemaphoreSlim _administering;

    internal OverloadGate(GateOptions options)
    {
        _authorizing = new SemaphoreSlim(options.MaxAuthorizing);
        _signing = new SemaphoreSlim(options.MaxSigning);
        _administering = new SemaphoreSlim(options.MaxAdministering);
    }

    /// <summary>A place, to be disposed when the request is done; null when the gate is full.</summary>
    internal IDisposable? TryEnter(RouteGate gate) => gate switch
    {
        RouteGate.Authorizing => Place.TryTake(_authorizing),
        RouteGate.Signing => Place.TryTake(_signing),
        RouteGate.Administering => Place.TryTake(_administering),
        _ => Place.Free,
    };

    public void Dispose()
    {
        _authorizing.Dispose();
        _signing.Dispose();
        _administering.Dispose();
    }

    private sealed class Place(SemaphoreSlim? places) : IDisposable
    {
        internal static Place Free { get; } = new(null);

        internal static Place? TryTake(SemaphoreSlim places) => places.Wait(0) ? new Place(places) : null;

        public void Dispose() => places?.Release();
    }
}
