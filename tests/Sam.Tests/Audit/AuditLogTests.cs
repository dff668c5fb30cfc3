using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Testing.Audit;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Audit;

/// <summary>One chain, one writer: what is told to be durable is in the table, in order, whatever the store does.</summary>
[Trait("Requirement", "SYS-4")]
public sealed class AuditLogTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly InMemoryRowStore _table;
    private readonly FaultyRowStore _way;
    private readonly RowSealer _sealer = Seals.NewSealer();
    private AuditLog _log = null!;

    public AuditLogTests()
    {
        _table = new InMemoryRowStore(_clock);
        _way = new FaultyRowStore(_table);
    }

    private IReadOnlyList<StoredRow> Rows => _table.Attacker.Rows();

    public ValueTask InitializeAsync()
    {
        _log = new AuditLog(_way, _sealer, _clock, Seals.NewRatchet());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        (_way.Before, _way.After, _way.Fate) = (null, null, null);
        await _clock.TurnUntilAsync(_log.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task Rows_are_chained_over_their_ciphertext_without_a_gap()
    {
        await AppendAsync(130);
        Assert.Equal(130, Rows.Count);
        Assert.Equal(3, Rows.Select(r => r.Address.PartitionKey).Distinct().Count());
        Assert.Null(ChainChecker.FindFault(_log.ChainId, Rows));
        Assert.Equal(Enumerable.Range(0, 130), Numbers());
    }

    /// <summary>The checker finds what was done to a chain, so that its finding nothing means something.</summary>
    [Fact]
    public async Task A_chain_that_was_changed_is_told_by_its_first_bad_row()
    {
        await AppendAsync(5);
        StoredRow[] rows = [.. Rows];
        byte[] flipped = rows[2].Content.ToArray();
        flipped[^1] ^= 1;
        StoredRow changed = rows[2] with { Content = flipped };
        Assert.Equal("3: head", ChainChecker.FindFault(_log.ChainId, [.. rows[..2], changed, .. rows[3..]]));
        Assert.Equal("2: address", ChainChecker.FindFault(_log.ChainId, [.. rows[..2], .. rows[3..]]));
        Assert.Equal("1: sequence", ChainChecker.FindFault(_log.ChainId, [rows[0], rows[1] with { Content = rows[2].Content }, rows[2] with { Content = rows[1].Content }]));
        Assert.Equal("0: address", ChainChecker.FindFault(new string('0', 32), rows));
        Assert.Equal("0: form", ChainChecker.FindFault(_log.ChainId, [rows[0] with { Content = new byte[80] }]));
    }

    [Fact]
    public async Task A_record_is_dated_by_the_store_and_opens_at_its_own_place_only()
    {
        await AppendAsync(2);
        Assert.NotNull(Open(Rows[0]));
        Assert.Throws<InvalidOperationException>(() => Open(Rows[0] with { Address = Rows[1].Address }));
        Assert.All(Rows, r => Assert.Equal(_clock.GetUtcNow(), Assert.Single(Open(r).Records).Time));
    }

    [Fact]
    public async Task What_arrives_while_a_row_is_written_goes_into_the_next_together()
    {
        Task[] appended = await AppendBehindAsync(250);
        await Task.WhenAll(appended);

        // The first went alone; a row takes a hundred.
        Assert.Equal("1 100 100 50", string.Join(' ', Rows.Select(r => Open(r).Records.Count)));
        Assert.Equal(Enumerable.Range(0, 251), Numbers());
        Assert.Null(ChainChecker.FindFault(_log.ChainId, Rows));
    }

    [Fact]
    public async Task Large_records_share_a_row_only_as_far_as_it_holds_them()
    {
        // A thousand SHA-512 digests and as many of signatures: the largest record there is.
        string[] digests = [.. Enumerable.Range(0, 1_000).Select(i => new string('a', 128))];
        string[] signatures = [.. Enumerable.Range(0, 1_000).Select(i => new string('b', 64))];
        Task[] appended = await AppendBehindAsync(7, i => Record(i) with { Digests = digests, SignatureDigests = signatures });
        await Task.WhenAll(appended);

        Assert.Equal(Enumerable.Range(0, 8), Numbers());
        Assert.All(Rows, r => Assert.InRange(r.Content.Length, 1, 512 * 1024));
    }

    [Fact]
    public async Task A_record_larger_than_a_row_stops_nobody_else()
    {
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _log.AppendAsync(Record(1) with { Detail = new string('x', 400_000) }));
        await AppendAsync(1);
        Assert.Equal([0], Numbers());
    }

    [Theory]
    [InlineData(WriteFate.ArrivesUnanswered)]
    [InlineData(WriteFate.ArrivesAnsweredAsConflict)]
    public async Task An_append_whose_answer_was_lost_is_found_again(WriteFate fate)
    {
        _way.Fate = _ => fate;
        await AppendAsync(2);
        Assert.Equal([0, 1], Numbers());
        Assert.Null(ChainChecker.FindFault(_log.ChainId, Rows));
    }

    [Fact]
    public async Task A_record_that_did_not_arrive_is_told_stays_and_is_written_first()
    {
        _way.Fate = _ => WriteFate.LostBeforeArriving;
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _log.AppendAsync(Record(1)));
        Assert.Empty(Rows);
        _way.Fate = null;

        await TurnUntilWrittenAsync(1);
        await WriteAsync(Record(2));
        Assert.Equal([1, 2], Numbers());
        Assert.Null(ChainChecker.FindFault(_log.ChainId, Rows));
    }

    [Fact]
    public async Task An_earlier_try_that_arrives_after_all_is_the_row()
    {
        // The first try is answered by nothing and is not there when it is read back; it arrives before the second.
        StoredRow? first = null;
        _way.Fate = call => first is null ? WriteFate.ArrivesUnanswered : WriteFate.Answered;
        _way.After = call =>
        {
            if (call.IsWrite && first is null)
            {
                first = Assert.Single(Rows);
                Assert.True(_table.Attacker.Delete(first.Address));
            }

            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _log.AppendAsync(Record(1)));
        _ = _table.Attacker.WriteBack(first!);

        await TurnUntilWrittenAsync(0);
        await WriteAsync(Record(2));
        Assert.Equal([1, 2], Numbers());
        Assert.Null(ChainChecker.FindFault(_log.ChainId, Rows));
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_row_that_somebody_put_in_its_way_is_not_chained_on()
    {
        await AppendAsync(1);
        _ = _table.Attacker.Write(AuditChain.Address(_log.ChainId, 1), Rows[0].Content);
        await Assert.ThrowsAsync<AuditUnavailableException>(() => _log.AppendAsync(Record(2)));
        Assert.Equal(2, Rows.Count);
    }

    [Fact]
    public async Task A_record_that_takes_too_long_is_told_and_stays()
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _way.Before = call =>
        {
            _ = call.IsWrite && reached.TrySetResult();
            return call.IsWrite ? go.Task : Task.CompletedTask;
        };
        Task appending = _log.AppendAsync(Record(1));
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromMilliseconds(4_999));
        Assert.False(appending.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<AuditUnavailableException>(() => appending);

        go.SetResult();
        await WriteAsync(Record(2));
        Assert.Equal([1, 2], Numbers());
    }

    [Fact]
    public async Task A_store_that_throws_is_told_as_what_it_means()
    {
        _way.Before = _ => throw new InvalidOperationException("test");
        Assert.IsType<InvalidOperationException>((await Assert.ThrowsAsync<AuditUnavailableException>(() => _log.AppendAsync(Record(1)))).InnerException);
    }

    [Theory]
    [InlineData(0, 10_100)]
    [InlineData(300_000, 230)]
    public async Task An_outage_costs_a_bounded_memory(int size, int most)
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _way.Before = call => call.IsWrite ? go.Task : Task.CompletedTask;
        List<Task> appended = [];
        while (appended.Count <= most)
        {
            Task appending = _log.AppendAsync(Record(appended.Count) with { Detail = new string('x', size) });
            if (appending.IsFaulted)
            {
                break;
            }

            appended.Add(appending);
        }

        go.SetResult();
        await Task.WhenAll(appended);
        Assert.InRange(appended.Count, 200, most);

        // What was taken is written, and there is room again.
        await WriteAsync(Record(0));
    }

    [Fact]
    public async Task The_end_of_the_process_writes_what_is_queued_and_takes_no_more()
    {
        Task[] appended = await AppendBehindAsync(20);
        await _log.DisposeAsync();
        await Task.WhenAll(appended);
        Assert.Equal(21, Numbers().Length);

        await Assert.ThrowsAsync<AuditUnavailableException>(() => _log.AppendAsync(Record(99)));
        Assert.Equal(21, Numbers().Length);
        _log = new AuditLog(_way, _sealer, _clock, Seals.NewRatchet());
    }

    [Fact]
    public async Task Two_processes_write_two_chains()
    {
        await using AuditLog other = new(_way, _sealer, _clock, Seals.NewRatchet());
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? _log : other).AppendAsync(Record(i))));

        Assert.NotEqual(_log.ChainId, other.ChainId);
        foreach (string chain in new[] { _log.ChainId, other.ChainId })
        {
            Assert.Null(ChainChecker.FindFault(chain, [.. Rows.Where(r => r.Address.PartitionKey.StartsWith(chain, StringComparison.Ordinal))]));
        }

        Assert.Equal(40, Numbers().Length);
    }

    private static AuditRecord Record(int number) => new() { Event = AuditEvent.SigningRefused, Operation = $"{number}" };

    // Nothing here takes so long but what will never be written.
    private Task WriteAsync(AuditRecord record) => _log.AppendAsync(record).WaitAsync(TimeSpan.FromSeconds(60));

    private async Task AppendAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await WriteAsync(Record(i));
        }
    }

    /// <summary>Appends one record, holds its row, and appends these many behind it.</summary>
    private async Task<Task[]> AppendBehindAsync(int count, Func<int, AuditRecord>? record = null)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _way.Before = call =>
        {
            _ = call.IsWrite && reached.TrySetResult();
            return call.IsWrite ? go.Task : Task.CompletedTask;
        };
        Task first = _log.AppendAsync(Record(0));
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Task[] behind = [.. Enumerable.Range(1, count).Select(i => _log.AppendAsync(record?.Invoke(i) ?? Record(i)))];
        go.SetResult();
        return [first, .. behind];
    }

    /// <summary>The writer pauses after a failure: turns the clock until the rows are there and it has gone on.</summary>
    private async Task TurnUntilWrittenAsync(int rowsToCome)
    {
        int tries = _way.Calls.Count(c => c.IsWrite);
        await _clock.TurnUntilAsync(() => _way.Calls.Count(c => c.IsWrite) > tries && Rows.Count >= rowsToCome);
    }

    private int[] Numbers() => [.. Rows.SelectMany(r => Open(r).Records).Select(r => int.Parse(r.Operation!, System.Globalization.CultureInfo.InvariantCulture))];

    private AuditBatch Open(StoredRow row)
    {
        Assert.True(AuditChain.TrySplit(row.Content, out ReadOnlyMemory<byte> sealedBatch));
        byte[] json = _sealer.Open(row with { Content = sealedBatch }, AuditChain.Schema).Value;
        return AuditBatch.Parse(json);
    }
}
