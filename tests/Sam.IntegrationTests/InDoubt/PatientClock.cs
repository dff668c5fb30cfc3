using System.Collections.Concurrent;

namespace Sam.IntegrationTests.InDoubt;

/// <summary>
/// A clock under which nobody's patience ends by itself: time-outs (of a second and more) end when the test says so, so that silence costs a test no time and a busy machine
/// is no fault. Short pauses between tries are shortened.
/// </summary>
internal sealed class PatientClock : TimeProvider
{
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Waiting, byte> _waiting = new();

    /// <summary>By how much the monotonic clock runs slower than it should: for limits that only a busy machine would reach.</summary>
    internal int Slowness { get; init; } = 1;

    /// <inheritdoc/>
    public override long TimestampFrequency => base.TimestampFrequency * Slowness;

    /// <summary>Ends the patience of all who wait now.</summary>
    internal void GiveUp()
    {
        foreach (Waiting waiting in _waiting.Keys)
        {
            waiting.GiveUp();
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Waiting(this, callback, state, dueTime);

    private sealed class Waiting : ITimer
    {
        private readonly PatientClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;

        internal Waiting(PatientClock clock, TimerCallback callback, object? state, TimeSpan dueTime)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _timer = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ = Change(dueTime, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isTimeout = dueTime >= TimeSpan.FromSeconds(1);
            if (isTimeout)
            {
                _clock._waiting[this] = 0;
            }
            else
            {
                _clock._waiting.TryRemove(this, out _);
            }

            return _timer.Change(isTimeout ? _longest : dueTime > TimeSpan.Zero ? dueTime / 20 : dueTime, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _clock._waiting.TryRemove(this, out _);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void GiveUp()
        {
            if (_clock._waiting.TryRemove(this, out _))
            {
                _callback(_state);
            }
        }
    }
}
