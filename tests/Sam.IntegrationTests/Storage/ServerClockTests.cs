using Sam.Storage.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

public sealed class ServerClockTests
{
    private static readonly DateTimeOffset _date = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // The machine's clock is years away from the service's, and must not matter.
    private readonly TwoClocks _time = new() { Wall = new DateTimeOffset(2031, 5, 5, 5, 5, 5, TimeSpan.Zero) };
    private readonly ServerClock _clock;

    public ServerClockTests() => _clock = new ServerClock(_time);

    [Fact]
    public void Before_the_first_answer_it_knows_nothing() => Assert.Null(_clock.Now);

    [Fact]
    public void After_an_answer_it_runs_with_monotonic_time()
    {
        Observe(_date);
        Advance(90.5);
        Assert.Equal(_date.AddSeconds(90.5), _clock.Now);
    }

    [Fact]
    public void Answers_within_one_second_of_date_do_not_set_it_back()
    {
        Observe(_date);
        Advance(0.9);
        Observe(_date);
        Assert.Equal(_date.AddSeconds(0.9), _clock.Now);
    }

    /// <summary>At the first answer it may be nearly a second low; the answer after the service's second has changed takes that away.</summary>
    [Fact]
    public void Each_answer_can_only_bring_it_nearer()
    {
        Observe(_date);
        Advance(0.1);
        Observe(_date.AddSeconds(1));
        Assert.Equal(_date.AddSeconds(1), _clock.Now);
    }

    [Fact]
    public void An_old_answer_that_arrives_late_moves_nothing()
    {
        long sent = _time.GetTimestamp();
        Observe(_date);
        Advance(30);
        Observe(_date.AddSeconds(30));
        _clock.Observe(_date, sent);
        Assert.Equal(_date.AddSeconds(30), _clock.Now);
    }

    /// <summary>One front end whose clock is wrong must not expire, or keep alive, longer than until the next answer.</summary>
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void A_wrong_date_holds_until_the_next_answer(int error)
    {
        Observe(_date);
        Advance(1);
        Observe(_date.AddSeconds(1 + error));
        Advance(1);
        Observe(_date.AddSeconds(2));
        Assert.InRange(_clock.Now!.Value, _date.AddSeconds(2), _date.AddSeconds(3));
    }

    [Fact]
    public void It_is_asked_again_when_the_last_answer_is_old()
    {
        Observe(_date);
        Advance(599);
        Assert.NotNull(_clock.Now);
        Advance(2);
        Assert.Null(_clock.Now);
        Observe(_date.AddSeconds(700));
        Assert.Equal(_date.AddSeconds(700), _clock.Now);
    }

    /// <summary>Monotonic time stands still while a machine sleeps.</summary>
    [Theory]
    [InlineData(7200)]
    [InlineData(-7200)]
    public void It_is_asked_again_when_the_machine_slept_or_its_clock_was_moved(int seconds)
    {
        Observe(_date);
        Advance(1);
        _time.Wall += TimeSpan.FromSeconds(seconds);
        Assert.Null(_clock.Now);
        Observe(_date.AddSeconds(7200));
        Assert.Equal(_date.AddSeconds(7200), _clock.Now);
    }

    private void Observe(DateTimeOffset date) => _clock.Observe(date, _time.GetTimestamp());

    private void Advance(double seconds)
    {
        _time.Monotonic += TimeSpan.FromSeconds(seconds);
        _time.Wall += TimeSpan.FromSeconds(seconds);
    }

    private sealed class TwoClocks : TimeProvider
    {
        public DateTimeOffset Wall { get; set; }

        public TimeSpan Monotonic { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Monotonic.Ticks;
    }
}
