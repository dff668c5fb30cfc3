using Microsoft.Extensions.Time.Testing;

namespace Sam.Testing.TestBed;

/// <summary>A clock that stands still until the test turns it. It can also stop the process it serves: a pause shows between two readings of the monotonic clock.</summary>
public sealed class TestClock : FakeTimeProvider
{
    /// <summary>A clock that starts at a date with a fraction of a second.</summary>
    public TestClock()
        : base(new DateTimeOffset(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero))
    {
    }

    /// <summary>Run before each reading of the monotonic clock.</summary>
    public Action? BeforeTimestamp { get; set; }

    /// <summary>Turns the clock, a little at a time, until what waits for it is done.</summary>
    /// <exception cref="TimeoutException">It waits for something else.</exception>
    public async Task TurnUntilAsync(Task task)
    {
        await TurnUntilAsync(() => task.IsCompleted);
        await task;
    }

    /// <summary>Turns the clock, a little at a time, until this holds.</summary>
    /// <exception cref="TimeoutException">It will not hold.</exception>
    public async Task TurnUntilAsync(Func<bool> holds)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException("However far the clock is turned, it does not happen.");
            }

            Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        BeforeTimestamp?.Invoke();
        return base.GetTimestamp();
    }
}
