using System.Diagnostics.Metrics;
using Sam.Core.Results;

namespace Sam.Api.Pipeline;

/// <summary>Counts refusals: meter <c>Sam</c>, counter <c>sam.refusals</c>, tag <c>cause</c> with the name of the <see cref="SamErrorCode"/>. Clients see far fewer texts than there are causes; operators see all.</summary>
public sealed class RefusalMeter
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sam";

    /// <summary>The counter's name.</summary>
    public const string CounterName = "sam.refusals";

    /// <summary>The tag that names the cause.</summary>
    public const string CauseTag = "cause";

    private readonly Counter<long> _refusals;

    /// <summary>Makes the counter.</summary>
    public RefusalMeter(IMeterFactory meters) =>
#pragma warning disable CA2000 // The factory owns its meters.
        _refusals = meters.Create(MeterName).CreateCounter<long>(CounterName, unit: "{refusal}", description: "Refused requests by cause.");
#pragma warning restore CA2000

    internal void Count(SamErrorCode cause) => _refusals.Add(1, new KeyValuePair<string, object?>(CauseTag, cause.ToString()));
}
