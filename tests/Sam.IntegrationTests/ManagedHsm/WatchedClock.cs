using Microsoft.Extensions.Time.Testing;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>A clock that tells when somebody begins to wait for it, so that a test turns it neither too early nor too far.</summary>
internal sealed class WatchedClock : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly List<(TimeSpan Wait, TaskCompletionSource Told)> _asking = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            int asking = _asking.FindIndex(a => a.Wait == dueTime);
            if (asking < 0)
            {
                _waits.Add(dueTime);
            }
            else
            {
                _asking[asking].Told.SetResult();
                _asking.RemoveAt(asking);
            }
        }

        return timer;
    }

    /// <summary>Lets a wait of this length begin, and passes it.</summary>
    internal async Task PassAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_waits.Remove(wait))
            {
                told.SetResult();
            }
            else
            {
                _asking.Add((wait, told));
            }
        }

        await told.Task.WaitAsync(ManagedHsmBed.Patience, cancellationToken);
        Advance(wait);
    }
}
