using Sam.Core.Rows;
using Xunit;

namespace Sam.Testing.Rows;

/// <summary>Several rows of one partition: lists and commits.</summary>
public abstract partial class RowStoreConformance
{
    private const string Partition = "partition";

    [Fact]
    public async Task A_list_has_the_rows_of_its_partition_within_its_bounds_in_order()
    {
        string[] keys = ["b", "a-2", "a", "a_1", "a.0", "c", "a-10", "0", "az", "a0"];
        foreach (string key in keys)
        {
            await InsertAsync(Partition, key);
            await InsertAsync("another-partition", key);
        }

        Assert.Equal(keys.Order(StringComparer.Ordinal), await ListAsync("", "~"));
        Assert.Equal(keys.Where(k => k.StartsWith("a-", StringComparison.Ordinal)).Order(StringComparer.Ordinal), await ListAsync("a-", "a-~"));
        Assert.Equal(["a"], await ListAsync("a", "a-"));
        Assert.Equal(["b"], await ListAsync("b", "c"));
        Assert.Empty(await ListAsync("d", "~"));
    }

    [Fact]
    public async Task A_list_has_contents_and_versions()
    {
        RowWriteResult inserted = await Store.InsertAsync(Address, Bytes("content"), Cancellation);
        StoredRow row = Assert.Single(await Store.ListAsync(SamTable.Signers, Partition, "", "~", Cancellation).ToListAsync(Cancellation));
        Assert.Equal(Address, row.Address);
        Assert.Equal(Bytes("content"), row.Content.ToArray());
        Assert.Equal(inserted.ETag, row.ETag);
        Assert.Equal((await ReadAsync(Address)).Timestamp, row.Timestamp);
    }

    [Fact]
    public async Task A_long_list_has_every_row_once()
    {
        string[] keys = [.. Enumerable.Range(0, 350).Select(i => $"{i:d5}")];
        foreach (string[] hundred in keys.Chunk(100))
        {
            await CommitAsync([.. hundred.Select(key => new RowChange.Insert(key, Bytes(key)))]);
        }

        Assert.Equal(keys, await ListAsync("", "~"));
    }

    [Fact]
    public async Task A_commit_carries_out_inserts_replaces_and_deletes_together()
    {
        RowWriteResult replaced = await InsertAsync(Partition, "replaced");
        RowWriteResult deleted = await InsertAsync(Partition, "deleted");

        RowWriteResult committed = await CommitAsync(
            new RowChange.Insert("inserted", Bytes("new")), new RowChange.Replace("replaced", Bytes("new"), replaced.ETag), new RowChange.Delete("deleted", deleted.ETag));

        Assert.Equal(RowWriteOutcome.Written, committed.Outcome);
        Assert.Equal(["inserted", "replaced"], await ListAsync("", "~"));
        await AssertIsAsync(At("inserted"), "new");
        await AssertIsAsync(At("replaced"), "new");
        Assert.NotEqual(replaced.ETag, (await ReadAsync(At("replaced"))).ETag);
    }

    [Theory]
    [InlineData("insert over a row")]
    [InlineData("replace an old version")]
    [InlineData("replace a row that is gone")]
    [InlineData("delete an old version")]
    [InlineData("delete a row that is gone")]
    public async Task A_commit_with_one_condition_that_fails_conflicts_and_changes_nothing(string failing)
    {
        RowWriteResult old = await InsertAsync(Partition, "row");
        RowWriteResult current = await Store.ReplaceAsync(At("row"), Bytes("current"), old.ETag, Cancellation);
        RowWriteResult other = await InsertAsync(Partition, "other");
        RowChange change = failing switch
        {
            "insert over a row" => new RowChange.Insert("row", Bytes("late")),
            "replace an old version" => new RowChange.Replace("row", Bytes("late"), old.ETag),
            "replace a row that is gone" => new RowChange.Replace("gone", Bytes("late"), old.ETag),
            "delete an old version" => new RowChange.Delete("row", old.ETag),
            _ => new RowChange.Delete("gone", old.ETag),
        };

        RowWriteResult committed = await CommitAsync(new RowChange.Insert("new", Bytes("new")), new RowChange.Replace("other", Bytes("new"), other.ETag), change);

        Assert.Equal(RowWriteOutcome.Conflict, committed.Outcome);
        Assert.Equal(["other", "row"], await ListAsync("", "~"));
        await AssertIsAsync(At("row"), "current", current.ETag);
        await AssertIsAsync(At("other"), "other", other.ETag);
    }

    [Fact]
    public async Task Of_parallel_commits_over_one_version_exactly_one_is_written()
    {
        RowWriteResult shared = await InsertAsync(Partition, "shared");
        RowWriteResult[] results = await RaceAsync(i =>
            CommitAsync(new RowChange.Insert($"mark-{i}", Bytes("mark")), new RowChange.Replace("shared", Bytes($"racer {i}"), shared.ETag)));
        int winner = Assert.Single(Enumerable.Range(0, Racers), i => results[i].Outcome == RowWriteOutcome.Written);
        Assert.Equal([$"mark-{winner}", "shared"], await ListAsync("", "~"));
        await AssertIsAsync(At("shared"), $"racer {winner}");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("too many")]
    [InlineData("one row twice")]
    [InlineData("a bad key")]
    [InlineData("no content")]
    [InlineData("too much together")]
    public async Task Other_commits_are_refused_and_change_nothing(string kind)
    {
        RowChange[] changes = kind switch
        {
            "none" => [],
            "too many" => [.. Enumerable.Range(0, 101).Select(i => new RowChange.Insert($"{i}", Bytes("x")))],
            "one row twice" => [new RowChange.Insert("a", Bytes("x")), new RowChange.Insert("a", Bytes("y"))],
            "a bad key" => [new RowChange.Insert("a", Bytes("x")), new RowChange.Insert("A", Bytes("x"))],
            "no content" => [new RowChange.Insert("a", Bytes("x")), new RowChange.Insert("b", default)],
            _ => [.. Enumerable.Range(0, 5).Select(i => new RowChange.Insert($"{i}", new byte[MaxContent]))],
        };
        await Assert.ThrowsAnyAsync<ArgumentException>(() => CommitAsync(changes));
        Assert.Empty(await ListAsync("", "~"));
    }

    [Fact]
    public async Task A_commit_holds_a_hundred_rows_or_two_mebibytes()
    {
        RowWriteResult many = await CommitAsync([.. Enumerable.Range(0, 100).Select(i => new RowChange.Insert($"many-{i}", new byte[10_000]))]);
        RowWriteResult large = await CommitAsync([.. Enumerable.Range(0, 4).Select(i => new RowChange.Insert($"large-{i}", new byte[MaxContent]))]);
        Assert.Equal((RowWriteOutcome.Written, RowWriteOutcome.Written), (many.Outcome, large.Outcome));
        Assert.Equal(104, (await ListAsync("", "~")).Count);
    }

    private static RowAddress At(string rowKey) => new(SamTable.Signers, Partition, rowKey);

    private Task<RowWriteResult> InsertAsync(string partition, string key) => Store.InsertAsync(new RowAddress(SamTable.Signers, partition, key), Bytes(key), Cancellation);

    private Task<RowWriteResult> CommitAsync(params RowChange[] changes) => Store.CommitAsync(SamTable.Signers, Partition, changes, Cancellation);

    private async Task<List<string>> ListAsync(string from, string before) =>
        await Store.ListAsync(SamTable.Signers, Partition, from, before, Cancellation).Select(row => row.Address.RowKey).ToListAsync(Cancellation);
}
