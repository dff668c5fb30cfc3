using Microsoft.Extensions.Time.Testing;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Rows;

/// <summary>Between the domain and a table that loses answers, answers late, and is not to be trusted.</summary>
public sealed class SealedRowsTests
{
    private static readonly RowAddress _address = new(SamTable.Signers, "partition", "counters");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero));
    private readonly InMemoryRowStore _table;
    private readonly FaultyRowStore _way;
    private readonly SealedRows _rows;

    public SealedRowsTests()
    {
        _table = new InMemoryRowStore(_clock);
        _way = new FaultyRowStore(_table);
        _rows = Seals.RowsOver(_way);
    }

    [Fact]
    public async Task A_row_is_written_once_and_replaced_under_its_version()
    {
        RowETag first = (await InsertAsync(1)).Value;
        RowETag second = (await ReplaceAsync(2, first)).Value;

        Assert.Equal((2, second), await ReadAsync());
        Assert.Equal(SamErrorCode.RowConflict, (await InsertAsync(3)).Refusal?.Code);
        Assert.Equal(SamErrorCode.RowConflict, (await ReplaceAsync(3, first)).Refusal?.Code);
        Assert.True(_table.Attacker.Delete(_address));
        Assert.Equal(SamErrorCode.RowConflict, (await ReplaceAsync(3, second)).Refusal?.Code);
        Assert.Equal(SamErrorCode.RowMissing, await CauseAsync());
    }

    [Theory]
    [InlineData(WriteFate.ArrivesUnanswered)]
    [InlineData(WriteFate.ArrivesAnsweredAsConflict)]
    [Trait("Requirement", "SIG-2d")]
    public async Task A_write_whose_answer_was_lost_is_found_to_be_ours(WriteFate fate)
    {
        _way.Fate = _ => fate;

        RowETag inserted = (await InsertAsync(1)).Value;
        Assert.Equal((1, inserted), await ReadAsync());
        RowETag replaced = (await ReplaceAsync(2, inserted)).Value;
        Assert.Equal((2, replaced), await ReadAsync());
    }

    [Fact]
    public async Task A_write_that_never_arrived_is_no_conflict()
    {
        _way.Fate = _ => WriteFate.LostBeforeArriving;
        await Assert.ThrowsAsync<RowStoreException>(() => InsertAsync(1));
        _way.Fate = null;
        RowETag etag = (await InsertAsync(1)).Value;
        _way.Fate = _ => WriteFate.LostBeforeArriving;
        await Assert.ThrowsAsync<RowStoreException>(() => ReplaceAsync(2, etag));
        Assert.Equal((1, etag), await ReadAsync());
    }

    [Fact]
    public async Task A_row_that_says_the_same_and_is_another_write_is_not_ours()
    {
        // The content is equal; the seal is not, because no two seals are.
        RowETag etag = (await InsertAsync(1)).Value;
        RowETag others = (await Seals.RowsOver(_table).ReplaceAsync(_address, RowSchemas.Counters, Row(2), etag, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.RowConflict, (await ReplaceAsync(2, etag)).Refusal?.Code);
        Assert.Equal((2, others), await ReadAsync());
    }

    [Fact]
    public async Task A_row_that_was_copied_from_elsewhere_is_broken()
    {
        _ = await InsertAsync(1);
        RowAddress elsewhere = _address with { PartitionKey = "another" };
        _ = _table.Attacker.Write(elsewhere, _table.Attacker.Row(_address).Content);

        Assert.Equal(SamErrorCode.RowBroken, (await _rows.ReadAsync(elsewhere, RowSchemas.Counters, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    public async Task A_row_read_as_another_kind_is_broken()
    {
        _ = await InsertAsync(1);
        Assert.Equal(SamErrorCode.RowBroken, (await _rows.ReadAsync(_address, RowSchemas.Client, CancellationToken.None)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_row_written_back_is_seen_by_its_age_and_before_that_by_its_version()
    {
        RowETag first = (await InsertAsync(1)).Value;
        StoredRow old = _table.Attacker.Row(_address);
        _ = (await ReplaceAsync(2, first)).Value;

        _clock.Advance(TimeSpan.FromSeconds(5));
        _ = _table.Attacker.WriteBack(old);
        (long version, RowETag etag) = await ReadAsync();
        Assert.Equal(1, version);
        Assert.NotEqual(first, etag);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        _ = _table.Attacker.WriteBack(old);
        Assert.Equal(SamErrorCode.RowRolledBack, await CauseAsync());
    }

    [Fact]
    public async Task A_row_stays_readable_however_long_it_stands()
    {
        RowETag etag = (await InsertAsync(1)).Value;
        _clock.Advance(TimeSpan.FromDays(3_650));
        Assert.Equal((1, etag), await ReadAsync());
    }

    /// <summary>Whatever the delay, the service's whole seconds and the fraction at which it began: what was written can be read, under the version that was told.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_row_that_arrived_late_is_sealed_anew(bool wholeSeconds)
    {
        for (int delay = 0; delay <= 12_000; delay += 137)
        {
            InMemoryRowStore table = new(_clock) { WholeSecondDates = wholeSeconds };
            FaultyRowStore way = new(table);
            SealedRows rows = Seals.RowsOver(way);
            DelayFirst(way, delay);

            RowETag inserted = (await rows.InsertAsync(_address, RowSchemas.Counters, Row(1), CancellationToken.None)).Value;
            Assert.Equal(inserted, (await rows.ReadAsync(_address, RowSchemas.Counters, CancellationToken.None)).Value.ETag);
            DelayFirst(way, delay);
            RowETag replaced = (await rows.ReplaceAsync(_address, RowSchemas.Counters, Row(2), inserted, CancellationToken.None)).Value;
            Assert.Equal(replaced, (await rows.ReadAsync(_address, RowSchemas.Counters, CancellationToken.None)).Value.ETag);
        }
    }

    [Fact]
    public async Task A_late_row_whose_answer_was_lost_is_sealed_anew_too()
    {
        DelayFirst(_way, 30_000);
        _way.Fate = call => call.Kind == RowStoreCallKind.Insert ? WriteFate.ArrivesUnanswered : WriteFate.Answered;

        RowETag etag = (await InsertAsync(1)).Value;

        Assert.Equal((1, etag), await ReadAsync());
    }

    [Fact]
    public async Task A_row_that_is_late_twice_is_given_up()
    {
        _way.Before = call =>
        {
            _clock.Advance(call.IsWrite ? TimeSpan.FromSeconds(6) : TimeSpan.Zero);
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<RowStoreException>(() => InsertAsync(1));
    }

    [Fact]
    public async Task A_row_in_time_is_written_once()
    {
        DelayFirst(_way, 4_000);
        _ = await InsertAsync(1);
        Assert.Single(_way.Calls, c => c.IsWrite);
    }

    [Fact]
    public async Task A_write_under_way_is_finished_when_the_caller_hangs_up()
    {
        using CancellationTokenSource hangUp = new();
        _way.Fate = _ => WriteFate.ArrivesUnanswered;
        _way.After = async call =>
        {
            if (call.IsWrite)
            {
                await hangUp.CancelAsync();
            }
        };

        RowETag etag = (await _rows.InsertAsync(_address, RowSchemas.Counters, Row(1), hangUp.Token)).Value;

        _way.After = null;
        Assert.Equal((1, etag), await ReadAsync());
    }

    [Fact]
    public async Task A_list_with_a_broken_row_is_no_list()
    {
        _ = await InsertAsync(1);
        RowAddress second = _address with { RowKey = "counters2" };
        _ = (await _rows.InsertAsync(second, RowSchemas.Counters, Row(2), CancellationToken.None)).Value;
        RowAddress before = _address with { RowKey = "counter" };
        _ = (await _rows.InsertAsync(before, RowSchemas.Counters, Row(3), CancellationToken.None)).Value;
        Assert.Equal("1 2", string.Join(' ', await ListAsync()));

        byte[] changed = _table.Attacker.Row(second).Content.ToArray();
        changed[40] ^= 1;
        _ = _table.Attacker.Write(second, changed);
        await Assert.ThrowsAsync<RowStoreException>(ListAsync);
    }

    private static CountersRow Row(long version) => CountersRow.Fresh(version);

    private void DelayFirst(FaultyRowStore way, int milliseconds)
    {
        bool delayed = false;
        way.Before = call =>
        {
            if (call.IsWrite && !delayed)
            {
                delayed = true;
                _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            }

            return Task.CompletedTask;
        };
    }

    private Task<Result<RowETag>> InsertAsync(long version) => _rows.InsertAsync(_address, RowSchemas.Counters, Row(version), CancellationToken.None);

    private Task<Result<RowETag>> ReplaceAsync(long version, RowETag etag) => _rows.ReplaceAsync(_address, RowSchemas.Counters, Row(version), etag, CancellationToken.None);

    private async Task<(long Version, RowETag ETag)> ReadAsync()
    {
        SealedRow<CountersRow> row = (await _rows.ReadAsync(_address, RowSchemas.Counters, CancellationToken.None)).Value;
        return (row.Value.Version, row.ETag);
    }

    private async Task<SamErrorCode?> CauseAsync() => (await _rows.ReadAsync(_address, RowSchemas.Counters, CancellationToken.None)).Refusal?.Code;

    private async Task<List<long>> ListAsync()
    {
        List<long> versions = [];
        await foreach ((_, SealedRow<CountersRow> row) in _rows.ListAsync(SamTable.Signers, "partition", "counters", RowSchemas.Counters, CancellationToken.None))
        {
            versions.Add(row.Value.Version);
        }

        return versions;
    }
}
