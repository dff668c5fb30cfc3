using Sam.Core.Rows;
using Sam.Storage.Tables;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>Every call ends, also when nobody answers.</summary>
public sealed class SilentServiceTests : ProxiedStoreTests
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(300);

    public SilentServiceTests(AzuriteFixture azurite)
        : base(azurite)
    {
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_write_without_an_answer_is_in_doubt(TableRequestKind kind)
    {
        using TableRowStore impatient = await OpenAsync(readTimeout: AzuriteStores.Patience, writeTimeout: _soon);
        Proxy.On(r => r.IsWrite, TableFaults.AnswerSilent);
        RowWriteResult result = await WriteToAsync(impatient, kind);
        Assert.Equal(RowWriteOutcome.InDoubt, result.Outcome);
        Assert.Single(Proxy.Requests, r => r.IsWrite);
    }

    [Fact]
    public async Task A_read_without_an_answer_is_tried_three_times()
    {
        using TableRowStore impatient = await OpenAsync(readTimeout: _soon, writeTimeout: AzuriteStores.Patience);
        Proxy.On(r => !r.IsWrite, TableFaults.RequestSilent);
        await Assert.ThrowsAsync<RowStoreException>(() => impatient.ReadAsync(Row, Cancellation));
        Assert.Equal(3, Proxy.Requests.Count);
    }

    /// <summary>The write that arrives after everybody gave up: it stands, and the SAD or the attempt it stands for is burnt.</summary>
    [Fact]
    public async Task A_write_may_arrive_after_it_was_in_doubt()
    {
        using TableRowStore impatient = await OpenAsync(readTimeout: AzuriteStores.Patience, writeTimeout: _soon);
        TableBarrier barrier = new(1) { OpensWhenFull = false };
        Proxy.On(r => r.IsWrite, TableFaults.HeldAt(barrier));
        Assert.Equal(RowWriteOutcome.InDoubt, (await impatient.InsertAsync(Row, Bytes("late"), Cancellation)).Outcome);
        Assert.Null(await impatient.ReadAsync(Row, Cancellation));

        barrier.Release();
        StoredRow? row = null;
        while (row is null)
        {
            row = await impatient.ReadAsync(Row, Cancellation);
        }

        Assert.Equal(Bytes("late"), row.Content.ToArray());
    }

    private async Task<TableRowStore> OpenAsync(TimeSpan readTimeout, TimeSpan writeTimeout)
    {
        TableRowStore store = await Azurite.OpenStoreAsync(Proxy, readTimeout, writeTimeout);
        Proxy.Forget();
        return store;
    }

    private static Task<RowWriteResult> WriteToAsync(TableRowStore store, TableRequestKind kind) => kind switch
    {
        TableRequestKind.Insert => store.InsertAsync(Row, Bytes("new"), Cancellation),
        TableRequestKind.Replace => store.ReplaceAsync(Row, Bytes("new"), new RowETag("W/\"any\""), Cancellation),
        TableRequestKind.Delete => store.DeleteAsync(Row, new RowETag("W/\"any\""), Cancellation),
        _ => store.CommitAsync(Row.Table, Row.PartitionKey, [new RowChange.Insert("a", Bytes("new")), new RowChange.Insert("b", Bytes("new"))], Cancellation),
    };
}
