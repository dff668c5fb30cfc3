using Microsoft.Extensions.Time.Testing;
using Sam.Core.Factors;
using Sam.Core.Rows;
using Sam.Core.Values;
using Xunit;

namespace Sam.Tests.Factors;

public sealed class CounterFloorTests
{
    private static readonly SignerId _signer = SignerId.New();

    private readonly FakeTimeProvider _clock = new();
    private readonly CounterFloor _floor;

    public CounterFloorTests() => _floor = new CounterFloor(_clock);

    [Fact]
    public void The_newest_row_is_the_floor_for_a_minute()
    {
        _floor.Raise(_signer, Row(7));
        _floor.Raise(_signer, Row(6));
        Assert.Equal(7, _floor.LastSeen(_signer)?.Value.Version);

        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        _floor.Raise(_signer, Row(6));
        Assert.Equal(7, _floor.LastSeen(_signer)?.Value.Version);

        // What was below it did not prolong it.
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(_floor.LastSeen(_signer));
        _floor.Raise(_signer, Row(6));
        Assert.Equal(6, _floor.LastSeen(_signer)?.Value.Version);
    }

    [Fact]
    public void A_row_is_below_what_was_seen_before_it_was_read()
    {
        Assert.True(CounterFloor.IsBelow(Row(6), Row(7)));
        Assert.False(CounterFloor.IsBelow(Row(7), Row(7)));
        Assert.True(CounterFloor.IsBelow(Row(7, "b"), Row(7)));
        Assert.False(CounterFloor.IsBelow(Row(8, "b"), Row(7)));
        Assert.False(CounterFloor.IsBelow(Row(1), seenBefore: null));
    }

    [Fact]
    public void Signers_have_floors_of_their_own()
    {
        _floor.Raise(_signer, Row(7));
        Assert.Null(_floor.LastSeen(SignerId.New()));
    }

    [Fact]
    public void The_floor_never_falls_however_many_raise_it_at_once()
    {
        for (int round = 0; round < 200; round++)
        {
            CounterFloor floor = new(_clock);
            _ = Parallel.For(1, 33, version => floor.Raise(_signer, Row(version)));
            Assert.Equal(32, floor.LastSeen(_signer)?.Value.Version);
        }
    }

    [Fact]
    public void More_signers_than_it_remembers_do_no_harm()
    {
        for (int i = 0; i < 10_001; i++)
        {
            _floor.Raise(SignerId.New(), Row(1));
        }

        _floor.Raise(_signer, Row(1));
        Assert.Equal(1, _floor.LastSeen(_signer)?.Value.Version);
    }

    private static SealedRow<CountersRow> Row(long version, string mark = "a") => new(new CountersRow(version, 0, 0, mark, 0), new RowETag("1"));
}
