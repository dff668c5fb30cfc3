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
    public async Task TurnUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        await task;
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        BeforeTimestamp?.Invoke();
        return base.GetTimestamp();
    }
}
