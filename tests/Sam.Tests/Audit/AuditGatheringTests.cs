using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary>Where many sign at once, rows are few: a row waits for more records, in proportion to what the last one took, and never where few come.</summary>
[Trait("Requirement", "SYS-4")]
public sealed class AuditGatheringTests : IAsyncLifetime
{
    private readonly AskedClock _clock = new();
    private readonly InMemoryRowStore _table;
    private readonly FaultyRowStore _way;
    private readonly RowSealer _sealer = Seals.NewSealer();
    private AuditLog _log = null!;

    public AuditGatheringTests()
    {
        _table = new InMemoryRowStore(_clock);
        _way = new FaultyRowStore(_table);
    }

    private string Counts => string.Join(' ', _table.Attacker.Rows().Select(Count));

    public ValueTask InitializeAsync()
    {
        _log = new AuditLog(_way, _sealer, _clock, Seals.NewRatchet());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        (_way.Before, _way.After) = (null, null);
        await _log.DisposeAsync();
    }

    [Fact]
    public async Task A_row_waits_for_more_where_many_came_and_no_longer_than_until_there_are_enough()
    {
        await CrowdAsync();

        // The clock stands, and whoever comes alone waits; with the last of as many as are enough, all are written.
        Task alone = AppendAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(120), await _clock.AskedForAsync());
        Task[] others = [.. Enumerable.Range(0, 22).Select(_ => AppendAsync())];
        Assert.False(alone.IsCompleted);
        await Task.WhenAll([alone, .. others, AppendAsync()]);
        Assert.Equal("1 5 24", Counts);

        // Fewer are written when their time is over: six writes' time, and these took 20 ms.
        Task[] few = [.. Enumerable.Range(0, 3).Select(_ => AppendAsync())];
        Assert.Equal(TimeSpan.FromMilliseconds(120), await _clock.AskedForAsync());
        Assert.DoesNotContain(few, task => task.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(120));
        await Task.WhenAll(few);
        Assert.Equal("1 5 24 3", Counts);

        // After a row of few nobody waits.
        await AppendAsync();
        await AppendAsync();
        Assert.Equal("1 5 24 3 1 1", Counts);
    }

    [Fact]
    public async Task The_end_of_the_process_waits_for_nobody()
    {
        await CrowdAsync();
        Task[] some = [.. Enumerable.Range(0, 2).Select(_ => AppendAsync())];
        await _log.DisposeAsync();
        await Task.WhenAll(some);
        Assert.Equal("1 5 2", Counts);
        _log = new AuditLog(_way, _sealer, _clock, Seals.NewRatchet());
    }

    [Fact]
    public async Task A_store_that_is_slow_makes_nobody_wait_for_long()
    {
        await CrowdAsync(milliseconds: 2_000);
        Task some = AppendAsync();
        TimeSpan asked = await _clock.AskedForAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(150), asked);
        _clock.Advance(asked);
        await some;
    }

    /// <summary>A row of one, and one of five that came meanwhile; each takes so long.</summary>
    private async Task CrowdAsync(int milliseconds = 20)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _way.Before = call =>
        {
            _ = call.IsWrite && reached.TrySetResult();
            return call.IsWrite ? go.Task : Task.CompletedTask;
        };
        _way.After = call =>
        {
            if (call.IsWrite)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            }

            return Task.CompletedTask;
        };
        Task first = AppendAsync();
        await reached.Task;
        Task[] behind = [.. Enumerable.Range(0, 5).Select(_ => AppendAsync())];
        go.SetResult();
        await Task.WhenAll([first, .. behind]);
    }

    private Task AppendAsync() => _log.AppendAsync(new AuditRecord { Event = AuditEvent.SigningRefused });

    private int Count(StoredRow row)
    {
        Assert.True(AuditChain.TrySplit(row.Content, out ReadOnlyMemory<byte> sealedBatch));
        return AuditBatch.Parse(_sealer.Open(row with { Content = sealedBatch }, AuditChain.Schema).Value).Records.Count;
    }

    /// <summary>Stands still until it is turned, and tells for how long it was asked to wait; not of the bounds of seconds that every append has.</summary>
    private sealed class AskedClock : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _asked = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero && dueTime != TimeSpan.FromSeconds(5))
            {
                _ = _asked.Writer.TryWrite(dueTime);
            }

            return timer;
        }

        /// <summary>How long the next wait is.</summary>
        internal ValueTask<TimeSpan> AskedForAsync() => _asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }
}
