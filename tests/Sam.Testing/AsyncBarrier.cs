namespace Sam.Testing;

/// <summary>Holds whoever arrives until all have, without holding a thread for each. Those after them pass.</summary>
public sealed class AsyncBarrier
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing;

    /// <summary>A barrier for this many.</summary>
    public AsyncBarrier(int participants) => _missing = participants;

    /// <summary>Arrives, and returns when all have.</summary>
    public Task ArriveAsync()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
        {
            _all.SetResult();
        }

        return _all.Task;
    }
}
