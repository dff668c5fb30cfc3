using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Management;

/// <summary>
/// One creation per interval, in the order of asking. The HSM makes one key a second for everybody together; a process that asks faster only takes turns from the others.
/// </summary>
internal sealed class CreationPace
{
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly long _start;
    private TimeSpan _nextTurn;

    internal CreationPace(TimeSpan interval, TimeProvider time)
    {
        _interval = interval;
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Waits for a turn. Who would have to wait longer than allowed is told at once and takes none.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Unavailable"/>: too many are waiting.</exception>
    internal async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            TimeSpan now = _time.GetElapsedTime(_start);
            TimeSpan turn = _nextTurn > now ? _nextTurn : now;
            wait = turn - now;
            if (wait >= longest)
            {
                throw new KeyBackendException(KeyBackendFailure.Unavailable, $"Managed HSM: {wait.TotalSeconds:0} s of other keys are waiting to be made.");
            }

            _nextTurn = turn + _interval;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancellationToken);
        }
    }
}
