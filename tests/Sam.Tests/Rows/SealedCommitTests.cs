using Microsoft.Extensions.Time.Testing;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Rows;

/// <summary>Several rows of one partition, all or none.</summary>
public sealed class SealedCommitTests
{
    private static readonly RowAddress _first = new(SamTable.Signers, "partition", "a");
    private static readonly RowAddress _second = new(SamTable.Signers, "partition", "b");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero));
    private readonly InMemoryRowStore _table;
    private readonly FaultyRowStore _way;
    private readonly SealedRows _rows;

    public SealedCommitTests()
    {
        _table = new InMemoryRowStore(_clock);
        _way = new FaultyRowStore(_table);
        _rows = Seals.RowsOver(_way);
    }

    [Fact]
    public async Task All_rows_are_written_or_none()
    {
        _ = (await _rows.CommitAsync([Insert(_first, 1), Insert(_second, 1)], CancellationToken.None)).Value;
        RowETag first = await ETagAsync(_first);

        Result<RowWriteResult> stale = await _rows.CommitAsync([Replace(_first, 2, first), Replace(_second, 2, first)], CancellationToken.None);

        Assert.Equal(SamErrorCode.RowConflict, stale.Refusal?.Code);
        Assert.Equal("1 1", await VersionsAsync());
        _ = (await _rows.CommitAsync([Replace(_first, 2, first), Replace(_second, 2, await ETagAsync(_second))], CancellationToken.None)).Value;
        Assert.Equal("2 2", await VersionsAsync());
    }

    [Theory]
    [InlineData(WriteFate.ArrivesUnanswered)]
    [InlineData(WriteFate.ArrivesAnsweredAsConflict)]
    public async Task A_commit_whose_answer_was_lost_is_found_to_be_ours(WriteFate fate)
    {
        _way.Fate = _ => fate;

        Assert.Null((await _rows.CommitAsync([Insert(_first, 1), Insert(_second, 1)], CancellationToken.None)).Refusal);
        Assert.Equal("1 1", await VersionsAsync());
    }

    [Fact]
    public async Task A_commit_that_never_arrived_is_no_conflict()
    {
        _way.Fate = _ => WriteFate.LostBeforeArriving;
        await Assert.ThrowsAsync<RowStoreException>(() => _rows.CommitAsync([Insert(_first, 1)], CancellationToken.None));
    }

    /// <summary>Rows that look rolled back for good would end their signer: no call could read them again.</summary>
    [Theory]
    [InlineData(WriteFate.Answered)]
    [InlineData(WriteFate.ArrivesUnanswered)]
    public async Task A_commit_that_arrived_late_is_sealed_anew(WriteFate fate)
    {
        bool first = true;
        _way.Fate = _ => first ? fate : WriteFate.Answered;
        _way.Before = call =>
        {
            _clock.Advance(call.IsWrite && first ? TimeSpan.FromSeconds(20) : TimeSpan.Zero);
            return Task.CompletedTask;
        };
        _way.After = call =>
        {
            first &= !call.IsWrite;
            return Task.CompletedTask;
        };

        Assert.Null((await _rows.CommitAsync([Insert(_first, 1), Insert(_second, 1)], CancellationToken.None)).Refusal);
        Assert.Equal("1 1", await VersionsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_late_commit_does_not_write_over_somebody_else(bool beforeReadingBack)
    {
        int commits = 0;
        _way.Before = async call =>
        {
            if (call.Kind == RowStoreCallKind.Commit && ++commits == 1)
            {
                _clock.Advance(TimeSpan.FromSeconds(20));
            }
            else if (call.Kind == RowStoreCallKind.Commit && !beforeReadingBack)
            {
                await ReplaceSecondAsync();
            }
        };
        _way.After = call => call.Kind == RowStoreCallKind.Commit && beforeReadingBack ? ReplaceSecondAsync() : Task.CompletedTask;

        await Assert.ThrowsAsync<RowStoreException>(() => _rows.CommitAsync([Insert(_first, 1), Insert(_second, 1)], CancellationToken.None));
        Assert.Equal("theirs"u8.ToArray(), _table.Attacker.Row(_second).Content.ToArray());
    }

    private Task ReplaceSecondAsync() => _table.ReplaceAsync(_second, "theirs"u8.ToArray(), _table.Attacker.Row(_second).ETag, CancellationToken.None);

    private static RowWrite Insert(RowAddress address, long version) => RowWrite.Insert(address, RowSchemas.Counters, CountersRow.Fresh(version));

    private static RowWrite Replace(RowAddress address, long version, RowETag etag) =>
        RowWrite.Replace(address, RowSchemas.Counters, CountersRow.Fresh(version), etag);

    private async Task<RowETag> ETagAsync(RowAddress address) => (await _rows.ReadAsync(address, RowSchemas.Counters, CancellationToken.None)).Value.ETag;

    private async Task<string> VersionsAsync() => $"{await VersionAsync(_first)} {await VersionAsync(_second)}";

    private async Task<long> VersionAsync(RowAddress address) => (await _rows.ReadAsync(address, RowSchemas.Counters, CancellationToken.None)).Value.Value.Version;
}
