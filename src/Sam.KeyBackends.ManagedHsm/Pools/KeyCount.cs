using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Pools;

/// <summary>
/// How many keys an HSM has, near enough to choose by: counted every ten minutes, when a key is to be made, and between two counts what this process makes is added.
/// In ten minutes all processes together make at most 600 keys in one HSM, which makes one a second: less than what the default limit leaves free.
/// </summary>
/// <remarks>A key that is destroyed is not taken off before the next count: whether it counts at the HSM until its purge is not documented.</remarks>
internal sealed class KeyCount
{
    private static readonly TimeSpan _countEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _avoidFor = TimeSpan.FromMinutes(1);

    private readonly int? _limit;
    private readonly Func<Task<int>> _count;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _lock = new();
    private Task _counting = Task.CompletedTask;
    private TimeSpan _nextCount;
    private TimeSpan _avoidUntil;
    private bool _canBeCounted = true;
    private int? _counted;
    private int _taken;

    /// <param name="limit">The most that there may be; null: as many as the HSM takes, and it is not counted.</param>
    /// <param name="count">Counts.</param>
    /// <param name="time">The clock.</param>
    internal KeyCount(int? limit, Func<Task<int>> count, TimeProvider time)
    {
        _limit = limit;
        _count = count;
        _time = time;
        _start = time.GetTimestamp();
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Counts if it is time to. An HSM that did not let itself be counted the last time, or has just failed, is waited for by nobody.</summary>
    internal Task RefreshAsync()
    {
        lock (_lock)
        {
            if (_limit is not null && _counting.IsCompleted && Now >= _nextCount)
            {
                _counting = CountAsync();
            }

            return _canBeCounted && Now >= _avoidUntil ? _counting : Task.CompletedTask;
        }
    }

    internal Standing Look()
    {
        lock (_lock)
        {
            return new Standing(Room, Now < _avoidUntil, _limit is null ? "no limit" : _counted is null ? "not counted" : $"{_counted + _taken} of {_limit}");
        }
    }

    /// <summary>Takes a place for a key; false if there is none. Taken before it is made, so that keys which are made at a time spread.</summary>
    internal bool TryTake()
    {
        lock (_lock)
        {
            bool hasRoom = Room is null or > 0;
            _taken += hasRoom ? 1 : 0;
            return hasRoom;
        }
    }

    /// <summary>Takes a place whether there is one or not.</summary>
    internal void Take()
    {
        lock (_lock)
        {
            _taken++;
        }
    }

    /// <summary>The key of a place was made, or was not.</summary>
    internal void Settle(bool made)
    {
        lock (_lock)
        {
            _taken -= made ? 0 : 1;
        }
    }

    /// <summary>The HSM has failed to make a key: for a while others are asked first.</summary>
    internal void Avoid()
    {
        lock (_lock)
        {
            _avoidUntil = Now + _avoidFor;
        }
    }

    private int? Room => _limit is null ? int.MaxValue - _taken : _limit - _counted - _taken;

    private async Task CountAsync()
    {
        // The caller holds the lock.
        int before = _taken;
        await Task.Yield();
        int? counted = null;
        try
        {
            counted = await _count();
        }
        catch (KeyBackendException)
        {
            // Not counted; the creation itself will tell why.
        }

        lock (_lock)
        {
            _canBeCounted = counted is not null;
            _nextCount = Now + (counted is null ? _avoidFor : _countEvery);
            if (counted is not null)
            {
                // Places that were taken meanwhile may be in the count as well: rather too many than too few.
                (_counted, _taken) = (counted, _taken - before);
            }
        }
    }

    /// <param name="Room">How many keys more there may be; null: not known.</param>
    /// <param name="IsAvoided">It has failed lately.</param>
    /// <param name="Text">For operators.</param>
    internal readonly record struct Standing(int? Room, bool IsAvoided, string Text);
}
