using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sam.Api.Pipeline;

namespace Sam.LocalHost.Development;

/// <summary>What the counter <c>sam.refusals</c> stands at, by cause: tests from outside tell attacks apart by it, which answers on purpose do not.</summary>
internal sealed class RefusalCounts : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public RefusalCounts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == RefusalMeter.MeterName && instrument.Name == RefusalMeter.CounterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach ((string key, object? cause) in tags)
            {
                if (key == RefusalMeter.CauseTag && cause is string name)
                {
                    _counts.AddOrUpdate(name, count, (_, before) => before + count);
                }
            }
        });
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    internal IReadOnlyDictionary<string, long> Snapshot() => new SortedDictionary<string, long>(_counts.ToDictionary(), StringComparer.Ordinal);
}
