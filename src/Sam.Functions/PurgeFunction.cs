using Microsoft.Azure.Functions.Worker;
using Sam.Api.Composition;

namespace Sam.Functions;

/// <summary>The minute's timer behind <see cref="ExpiredRowPurge"/>. The platform may run it on an instance of its own, which never opens the HSM then.</summary>
#pragma warning disable CA1515 // As in CscFunctions.
public sealed class PurgeFunction
#pragma warning restore CA1515
{
    private readonly ExpiredRowPurge _purge;

    /// <summary>Runs this purge.</summary>
    public PurgeFunction(ExpiredRowPurge purge) => _purge = purge;

    /// <summary>Not monitored: a turn that was missed is taken up within the hour, and needs no note of it in a blob.</summary>
    [Function("purge")]
    public Task RunAsync([TimerTrigger("0 * * * * *", UseMonitor = false)] TimerInfo timer, CancellationToken cancellationToken) =>
        _purge.RunAsync(cancellationToken);
}
