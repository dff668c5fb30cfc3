namespace Sam.IntegrationTests.Crashes;

/// <summary>Counts answers, and wakes who waits for so many more.</summary>
internal sealed class AnswerCount
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _reached = new();
    private int _missing = int.MaxValue;

    internal void Add()
    {
        lock (_lock)
        {
            if (--_missing <= 0)
            {
                _reached.TrySetResult();
            }
        }
    }

    /// <summary>Done after this many more answers.</summary>
    internal Task WaitForAsync(int more)
    {
        lock (_lock)
        {
            _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _missing = more;
            if (more == 0)
            {
                _reached.SetResult();
            }

            return _reached.Task;
        }
    }
}
