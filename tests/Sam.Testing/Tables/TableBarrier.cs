namespace Sam.Testing.Tables;

/// <summary>Where requests wait for one another, so that a race is one.</summary>
public sealed class TableBarrier
{
    private readonly int _parties;
    private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrivals;

    /// <summary>For this many requests.</summary>
    public TableBarrier(int parties) => _parties = parties;

    /// <summary>Whether it opens when all have arrived; otherwise it waits for <see cref="Release"/>.</summary>
    public bool OpensWhenFull { get; init; } = true;

    /// <summary>How many have arrived.</summary>
    public int Arrivals => Volatile.Read(ref _arrivals);

    /// <summary>Completes when all have arrived.</summary>
    public Task Full => _full.Task;

    /// <summary>Lets all go on, those that come later too.</summary>
    public void Release() => _released.TrySetResult();

    internal Task ArriveAsync()
    {
        if (Interlocked.Increment(ref _arrivals) == _parties)
        {
            _full.TrySetResult();
            if (OpensWhenFull)
            {
                Release();
            }
        }

        return _released.Task;
    }
}
