using Azure.Core;
using Azure.Core.Pipeline;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>
/// Starts an attempt's time when its request goes to the connection. Behind the authentication, because the first access token may take a managed identity longer than an
/// attempt may take, and an attempt that is broken off then would never get one.
/// </summary>
internal sealed class AttemptClock : HttpPipelineSynchronousPolicy
{
    private readonly TimeSpan _timeout;

    internal AttemptClock(TimeSpan timeout) => _timeout = timeout;

    public override void OnSendingRequest(HttpMessage message) => Set(message, _timeout);

    /// <summary>Stops the time of a request that has been answered by a challenge: what comes next is getting a token.</summary>
    internal static void Stop(HttpMessage message) => Set(message, Timeout.InfiniteTimeSpan);

    internal static void Watch(HttpMessage message, CancellationTokenSource attempt) => message.SetProperty(typeof(AttemptClock), attempt);

    private static void Set(HttpMessage message, TimeSpan timeout)
    {
        if (message.TryGetProperty(typeof(AttemptClock), out object? attempt))
        {
            ((CancellationTokenSource)attempt!).CancelAfter(timeout);
        }
    }
}
