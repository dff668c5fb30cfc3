using System.Security.Cryptography;
using Sam.Core.Rows;
using Xunit;

namespace Sam.Testing.Rows;

/// <summary>What every row store owes its callers; each MUST of <see cref="IRowStore"/> that can be seen from outside.</summary>
public abstract partial class RowStoreConformance : IAsyncLifetime
{
    private const int Racers = 24;
    private const int MaxContent = 512 * 1024;

    private IRowStore? _store;

    /// <summary>The store under test, and nobody else's rows in it.</summary>
    protected IRowStore Store => _store ?? throw new InvalidOperationException("Not open yet.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Where the tests write, unless they need several rows.</summary>
    private static RowAddress Address { get; } = new(SamTable.Signers, Partition, "row");

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_row_is_read_back_as_it_was_written()
    {
        byte[] content = RandomNumberGenerator.GetBytes(1_000);

        RowWriteResult inserted = await Store.InsertAsync(Address, content, Cancellation);

        Assert.Equal(RowWriteOutcome.Written, inserted.Outcome);
        StoredRow row = await ReadAsync(Address);
        Assert.Equal(Address, row.Address);
        Assert.Equal(content, row.Content.ToArray());
        Assert.Equal(inserted.ETag, row.ETag);
    }

    [Theory]
    [InlineData(1)]
    [InlineData((64 * 1024) - 1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(128 * 1024)]
    [InlineData(MaxContent)]
    public async Task Content_of_every_size_is_kept(int size)
    {
        byte[] content = RandomNumberGenerator.GetBytes(size);
        byte[] other = RandomNumberGenerator.GetBytes(size);

        RowWriteResult inserted = await Store.InsertAsync(Address, content, Cancellation);
        Assert.Equal(content, (await ReadAsync(Address)).Content.ToArray());
        await Store.ReplaceAsync(Address, other, inserted.ETag, Cancellation);
        Assert.Equal(other, (await ReadAsync(Address)).Content.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(MaxContent + 1)]
    public async Task Content_of_other_sizes_is_refused(int size)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.InsertAsync(Address, new byte[size], Cancellation));
        Assert.Null(await Store.ReadAsync(Address, Cancellation));
    }

    [Fact]
    public async Task A_replaced_row_keeps_nothing_of_its_longer_past()
    {
        RowWriteResult inserted = await Store.InsertAsync(Address, RandomNumberGenerator.GetBytes(200_000), Cancellation);
        await Store.ReplaceAsync(Address, Bytes("short"), inserted.ETag, Cancellation);
        Assert.Equal(Bytes("short"), (await ReadAsync(Address)).Content.ToArray());
    }

    [Fact]
    public async Task The_bytes_written_are_those_handed_over_whatever_becomes_of_the_buffer()
    {
        byte[] buffer = Bytes("before");
        await Store.InsertAsync(Address, buffer, Cancellation);
        buffer.AsSpan().Clear();
        Assert.Equal(Bytes("before"), (await ReadAsync(Address)).Content.ToArray());
    }

    [Fact]
    public async Task A_row_that_is_not_there_reads_as_null() => Assert.Null(await Store.ReadAsync(Address, Cancellation));

    [Fact]
    public async Task The_same_keys_in_another_table_are_another_row()
    {
        await Store.InsertAsync(Address, Bytes("signers"), Cancellation);
        RowWriteResult other = await Store.InsertAsync(Address with { Table = SamTable.Clients }, Bytes("clients"), Cancellation);
        Assert.Equal(RowWriteOutcome.Written, other.Outcome);
        Assert.Equal(Bytes("signers"), (await ReadAsync(Address)).Content.ToArray());
    }

    [Fact]
    public async Task An_insert_over_a_row_conflicts_and_changes_nothing()
    {
        RowWriteResult first = await Store.InsertAsync(Address, Bytes("first"), Cancellation);
        RowWriteResult second = await Store.InsertAsync(Address, Bytes("second"), Cancellation);
        Assert.Equal(RowWriteOutcome.Conflict, second.Outcome);
        await AssertIsAsync(Address, "first", first.ETag);
    }

    [Fact]
    public async Task A_replace_of_an_old_version_conflicts_and_changes_nothing()
    {
        RowWriteResult first = await Store.InsertAsync(Address, Bytes("first"), Cancellation);
        RowWriteResult second = await Store.ReplaceAsync(Address, Bytes("second"), first.ETag, Cancellation);
        RowWriteResult third = await Store.ReplaceAsync(Address, Bytes("third"), first.ETag, Cancellation);
        Assert.Equal(RowWriteOutcome.Written, second.Outcome);
        Assert.Equal(RowWriteOutcome.Conflict, third.Outcome);
        await AssertIsAsync(Address, "second", second.ETag);
    }

    [Fact]
    public async Task A_delete_of_an_old_version_conflicts_and_changes_nothing()
    {
        RowWriteResult first = await Store.InsertAsync(Address, Bytes("first"), Cancellation);
        RowWriteResult second = await Store.ReplaceAsync(Address, Bytes("second"), first.ETag, Cancellation);
        RowWriteResult deleted = await Store.DeleteAsync(Address, first.ETag, Cancellation);
        Assert.Equal(RowWriteOutcome.Conflict, deleted.Outcome);
        await AssertIsAsync(Address, "second", second.ETag);
    }

    [Fact]
    public async Task A_replace_or_delete_of_a_row_that_is_gone_conflicts_and_writes_nothing()
    {
        RowWriteResult inserted = await Store.InsertAsync(Address, Bytes("first"), Cancellation);
        RowWriteResult deleted = await Store.DeleteAsync(Address, inserted.ETag, Cancellation);
        Assert.Equal(RowWriteOutcome.Written, deleted.Outcome);
        Assert.Equal(RowWriteOutcome.Conflict, (await Store.ReplaceAsync(Address, Bytes("again"), inserted.ETag, Cancellation)).Outcome);
        Assert.Equal(RowWriteOutcome.Conflict, (await Store.DeleteAsync(Address, inserted.ETag, Cancellation)).Outcome);
        Assert.Null(await Store.ReadAsync(Address, Cancellation));
    }

    /// <summary>What kills a SAD whose row was deleted and written back, byte for byte.</summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Equal_bytes_after_delete_and_insert_are_another_version()
    {
        RowWriteResult first = await Store.InsertAsync(Address, Bytes("same"), Cancellation);
        await Store.DeleteAsync(Address, first.ETag, Cancellation);
        RowWriteResult second = await Store.InsertAsync(Address, Bytes("same"), Cancellation);
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(RowWriteOutcome.Conflict, (await Store.ReplaceAsync(Address, Bytes("late"), first.ETag, Cancellation)).Outcome);
        await AssertIsAsync(Address, "same", second.ETag);
    }

    [Fact]
    public async Task Every_write_gives_a_new_version()
    {
        RowWriteResult written = await Store.InsertAsync(Address, Bytes("same"), Cancellation);
        HashSet<RowETag> versions = [written.ETag];
        for (int i = 0; i < 50; i++)
        {
            written = await Store.ReplaceAsync(Address, Bytes("same"), written.ETag, Cancellation);
            Assert.True(versions.Add(written.ETag), $"Version {written.ETag} came twice.");
        }
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData(null)]
    public async Task What_is_no_version_is_no_condition(string? etag)
    {
        RowWriteResult inserted = await Store.InsertAsync(Address, Bytes("first"), Cancellation);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.ReplaceAsync(Address, Bytes("second"), new RowETag(etag!), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteAsync(Address, new RowETag(etag!), Cancellation));
        await AssertIsAsync(Address, "first", inserted.ETag);
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task Of_parallel_replaces_of_one_version_exactly_one_is_written()
    {
        RowWriteResult inserted = await Store.InsertAsync(Address, Bytes("start"), Cancellation);
        RowWriteResult[] results = await RaceAsync(i => Store.ReplaceAsync(Address, Bytes($"racer {i}"), inserted.ETag, Cancellation));
        await AssertOneWonAsync(results);
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task Of_parallel_inserts_exactly_one_is_written() =>
        await AssertOneWonAsync(await RaceAsync(i => Store.InsertAsync(Address, Bytes($"racer {i}"), Cancellation)));

    [Theory]
    [InlineData("UPPER")]
    [InlineData("a/b")]
    [InlineData("a'b")]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("%20")]
    [InlineData("ä")]
    public async Task Other_keys_are_refused(string key)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.InsertAsync(Address with { RowKey = key }, Bytes("x"), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.InsertAsync(Address with { PartitionKey = key }, Bytes("x"), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.ReadAsync(Address with { RowKey = key }, Cancellation));
    }

    [Fact]
    public async Task Keys_of_every_allowed_character_and_length_are_kept()
    {
        const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
        string longest = new('k', 512);
        RowAddress address = new(SamTable.Signers, longest, Alphabet);
        await Store.InsertAsync(address, Bytes("x"), Cancellation);
        await AssertIsAsync(address, "x");
        Assert.Null(await Store.ReadAsync(new RowAddress(SamTable.Signers, longest, Alphabet[1..]), Cancellation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.InsertAsync(address with { PartitionKey = longest + 'k' }, Bytes("x"), Cancellation));
    }

    [Fact]
    public async Task A_cancelled_call_writes_nothing()
    {
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.InsertAsync(Address, Bytes("x"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync(Address, cancelled));
        Assert.Null(await Store.ReadAsync(Address, Cancellation));
    }

    /// <summary>The store's clock, the dates of its answers and its rows' timestamps are one clock, but for the whole seconds of a Date.</summary>
    [Fact]
    public async Task Rows_answers_and_the_clock_agree_about_the_time()
    {
        TimeSpan tolerance = TimeSpan.FromSeconds(2);
        DateTimeOffset before = await Store.GetTimeAsync(Cancellation);
        RowWriteResult written = await Store.InsertAsync(Address, Bytes("x"), Cancellation);
        DateTimeOffset timestamp = (await ReadAsync(Address)).Timestamp;
        DateTimeOffset after = await Store.GetTimeAsync(Cancellation);
        Assert.InRange(timestamp, before - tolerance, after + tolerance);
        Assert.InRange(written.ServerDate, before - tolerance, after + tolerance);
        Assert.InRange(timestamp - written.ServerDate, -tolerance, tolerance);
    }

    [Fact]
    public async Task The_clock_does_not_go_back()
    {
        DateTimeOffset last = await Store.GetTimeAsync(Cancellation);
        for (int i = 0; i < 20; i++)
        {
            await Store.ReadAsync(Address, Cancellation);
            DateTimeOffset now = await Store.GetTimeAsync(Cancellation);
            Assert.True(now >= last, $"{now:O} after {last:O}.");
            last = now;
        }
    }

    /// <summary>Opens a store without rows.</summary>
    protected abstract Task<IRowStore> OpenAsync();

    /// <summary>Closes what was opened.</summary>
    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    private protected static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private protected async Task<StoredRow> ReadAsync(RowAddress address)
    {
        StoredRow? row = await Store.ReadAsync(address, Cancellation);
        Assert.NotNull(row);
        return row;
    }

    private protected async Task AssertIsAsync(RowAddress address, string content, RowETag? etag = null)
    {
        StoredRow row = await ReadAsync(address);
        Assert.Equal(Bytes(content), row.Content.ToArray());
        Assert.Equal(etag ?? row.ETag, row.ETag);
    }

    private static Task<RowWriteResult[]> RaceAsync(Func<int, Task<RowWriteResult>> write) =>
        Task.WhenAll(Enumerable.Range(0, Racers).Select(i => Task.Run(() => write(i))));

    private async Task AssertOneWonAsync(RowWriteResult[] results)
    {
        int winner = Assert.Single(Enumerable.Range(0, Racers), i => results[i].Outcome == RowWriteOutcome.Written);
        Assert.Equal(Racers - 1, results.Count(r => r.Outcome == RowWriteOutcome.Conflict));
        await AssertIsAsync(Address, $"racer {winner}", results[winner].ETag);
    }
}
