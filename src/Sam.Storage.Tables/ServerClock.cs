namespace Sam.Storage.Tables;

/// <summary>
/// The service's clock, from the Date headers of its answers and the monotonic time since (security decision 15).
/// </summary>
/// <remarks>
/// A Date has whole seconds and was set at some moment between sending and receiving. So each answer puts the service's clock, at receipt, between Date and
/// Date + 1 s + the time it took; the estimate is moved into this interval, as little as needed, and runs on with monotonic time. From this follow:
/// it errs low rather than high, by up to a second plus a round trip at the first answer and ever less with each that follows;
/// an old answer that arrives late has a wide interval and moves nothing back; and a wrong Date, of one front end among several, holds until the next right one.
/// </remarks>
internal sealed class ServerClock
{
    private static readonly TimeSpan _resolution = TimeSpan.FromSeconds(1);

    // Oscillators drift by up to 0.2 ms per second: over this age, still less than the resolution.
    private static readonly TimeSpan _maxAge = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Estimate? _estimate;

    internal ServerClock(TimeProvider time) => _time = time;

    /// <summary>The service's time; null if it never answered, or so long ago that it must be asked again.</summary>
    internal DateTimeOffset? Now
    {
        get
        {
            lock (_lock)
            {
                return _estimate is { } estimate && IsFresh(estimate) ? estimate.Date + _time.GetElapsedTime(estimate.Timestamp) : null;
            }
        }
    }

    /// <summary>An answer with this Date has just come.</summary>
    /// <param name="date">Its Date header.</param>
    /// <param name="sent">The monotonic time at which its request was sent.</param>
    internal void Observe(DateTimeOffset date, long sent)
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            DateTimeOffset latest = date + _resolution + _time.GetElapsedTime(sent, now);
            DateTimeOffset known = _estimate is { } estimate ? estimate.Date + _time.GetElapsedTime(estimate.Timestamp, now) : date;
            _estimate = new Estimate(known < date ? date : known > latest ? latest : known, now, _time.GetUtcNow());
        }
    }

    /// <summary>
    /// The monotonic clock stands still while a laptop or a virtual machine sleeps, the machine's clock does not: where the two disagree, the service is asked again.
    /// That is all that the machine's clock is good for here: moving it costs a read.
    /// </summary>
    private bool IsFresh(Estimate estimate)
    {
        TimeSpan age = _time.GetElapsedTime(estimate.Timestamp);
        TimeSpan ageByWall = _time.GetUtcNow() - estimate.Wall;
        return age < _maxAge && (ageByWall - age).Duration() < _resolution;
    }

    private readonly record struct Estimate(DateTimeOffset Date, long Timestamp, DateTimeOffset Wall);
}
