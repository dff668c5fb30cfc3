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
    public void A_row_older_than_one_already_seen_is_below_the_floor_for_a_minute()
    {
        Assert.True(_floor.TryRaise(_signer, Row(7)));
        Assert.True(_floor.TryRaise(_signer, Row(7)));
        Assert.False(_floor.TryRaise(_signer, Row(6)));
        Assert.Equal(7, _floor.LastSeen(_signer)?.Value.Version);
        Assert.True(_floor.TryRaise(SignerId.New(), Row(1)));

        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        Assert.False(_floor.TryRaise(_signer, Row(6)));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(_floor.LastSeen(_signer));
        Assert.True(_floor.TryRaise(_signer, Row(6)));
    }

    [Fact]
    public void What_is_refused_does_not_prolong_the_floor()
    {
        Assert.True(_floor.TryRaise(_signer, Row(7)));
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_floor.TryRaise(_signer, Row(6)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_floor.TryRaise(_signer, Row(6)));
    }

    [Fact]
    public void The_floor_never_falls_however_many_raise_it_at_once()
    {
        for (int round = 0; round < 200; round++)
        {
            CounterFloor floor = new(_clock);
            _ = Parallel.For(1, 33, version => floor.TryRaise(_signer, Row(version)));
            Assert.Equal(32, floor.LastSeen(_signer)?.Value.Version);
        }
    }

    [Fact]
    public void More_signers_than_it_remembers_do_no_harm()
    {
        for (int i = 0; i < 10_001; i++)
        {
            Assert.True(_floor.TryRaise(SignerId.New(), Row(1)));
        }

        Assert.True(_floor.TryRaise(_signer, Row(1)));
        Assert.False(_floor.TryRaise(_signer, Row(0)));
    }

    private static SealedRow<CountersRow> Row(long version) => new(new CountersRow(version, 0, 0), new RowETag("1"));
}
