using System.Globalization;
using Sam.Core.Activation;
using Sam.Core.Rows;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>The purge over a table service: what it deletes, and what it asks for it.</summary>
public sealed class PurgeTests : ProxiedStoreTests
{
    private const string Partition = "07f";
    private const int Slice = 0x07f / 64;

    public PurgeTests(AzuriteFixture azurite)
        : base(azurite)
    {
    }

    private ExpiredTransactions Expired => field ??= new ExpiredTransactions(Store);

    [Fact]
    public async Task Expired_rows_go_by_the_hundred_and_live_ones_stay()
    {
        long now = await MinuteAsync();
        await InsertAsync(Partition, Enumerable.Range(0, 250).Select(i => Key(now - 1 - (i % 5), $"{i:d3}")));
        string[] live = [Key(now, "a"), Key(now + 1, "b"), Key(now + 60, "c")];
        await InsertAsync(Partition, live);
        Proxy.Forget();

        Assert.Equal(250, await Expired.PurgeAsync(Slice, Cancellation));

        Assert.Equal(3, Proxy.Requests.Count(r => r.Kind == TableRequestKind.Commit));
        Assert.DoesNotContain(Proxy.Requests, r => !r.Is(SamTable.Transactions));
        Assert.Equal(live, await KeysAsync(Partition));
    }

    [Fact]
    public async Task An_empty_slice_costs_one_request_per_partition()
    {
        Assert.Equal(0, await Expired.PurgeAsync(Slice, Cancellation));
        Assert.Equal(64, Proxy.Requests.Count);
        Assert.All(Proxy.Requests, r => Assert.Equal(TableRequestKind.List, r.Kind));
    }

    [Fact]
    public async Task Two_purges_at_once_disturb_nobody()
    {
        long now = await MinuteAsync();
        await InsertAsync(Partition, Enumerable.Range(0, 90).Select(i => Key(now - 2, $"{i:d3}")));
        TableBarrier barrier = new(2);
        Proxy.On(r => r.Kind == TableRequestKind.Commit, TableFaults.HeldAt(barrier));

        int[] deleted = await Task.WhenAll(Expired.PurgeAsync(Slice, Cancellation), new ExpiredTransactions(Store).PurgeAsync(Slice, Cancellation));

        Assert.Equal([0, 90], deleted.Order());
        Assert.Empty(await KeysAsync(Partition));
    }

    [Fact]
    public async Task A_delete_that_failed_is_made_up_by_the_next_pass()
    {
        long now = await MinuteAsync();
        await InsertAsync(Partition, [Key(now - 2, "a")]);
        await InsertAsync("040", [Key(now - 2, "b")]);
        Proxy.On(r => r.Kind == TableRequestKind.Commit, TableFaults.RequestLost, times: 1);

        Assert.Equal(1, await Expired.PurgeAsync(Slice, Cancellation));
        Assert.Equal(1, await Expired.PurgeAsync(Slice, Cancellation));
        Assert.Empty(await KeysAsync(Partition));
    }

    private static string Key(long minute, string id) => string.Create(CultureInfo.InvariantCulture, $"{minute:d10}-{id}");

    private async Task<long> MinuteAsync() => (await Store.GetTimeAsync(Cancellation)).ToUnixTimeSeconds() / 60;

    private async Task InsertAsync(string partition, IEnumerable<string> keys)
    {
        foreach (string[] hundred in keys.Chunk(100))
        {
            await Store.CommitAsync(SamTable.Transactions, partition, [.. hundred.Select(key => new RowChange.Insert(key, Bytes(key)))], Cancellation);
        }
    }

    private async Task<List<string>> KeysAsync(string partition) =>
        await Store.ListAsync(SamTable.Transactions, partition, "", "~", Cancellation).Select(r => r.Address.RowKey).ToListAsync(Cancellation);
}
