namespace Sam.Testing;

/// <summary>Holds whoever arrives until all have, without holding a thread for each. Those after them pass.</summary>
public sealed class AsyncBarrier
{
    // Nobody waits this long but for somebody who will not come: the test fails and says so, instead of hanging.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing;

    /// <summary>A barrier for this many.</summary>
    public AsyncBarrier(int participants) => _missing = participants;

    /// <summary>Arrives, and returns when all have.</summary>
    /// <exception cref="TimeoutException">Somebody did not come.</exception>
    public Task ArriveAsync()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _all.SetResult();
        }

        return _all.Task.WaitAsync(_patience);
    }
}
