using Sam.Core.Rows;
using Sam.Storage.Tables;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>Reads are tried again where that may help, and tell a row that is not there from a service that is not there.</summary>
public sealed class ReadsTests : ProxiedStoreTests
{
    public ReadsTests(AzuriteFixture azurite)
        : base(azurite)
    {
    }

    public static TheoryData<string> Transient { get; } = ["request lost", "answer lost", "answer cut off", "429", "500", "503"];

    [Fact]
    public async Task A_read_is_one_request()
    {
        Assert.NotNull(await Store.ReadAsync(Row, Cancellation));
        Assert.Null(await Store.ReadAsync(NewRow, Cancellation));
        Assert.Equal([TableRequestKind.Read, TableRequestKind.Read], Proxy.Requests.Select(r => r.Kind));
    }

    [Fact]
    public async Task The_time_costs_no_request_once_the_service_has_answered()
    {
        await Store.GetTimeAsync(Cancellation);
        Assert.Empty(Proxy.Requests);
    }

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task A_read_that_fails_twice_succeeds(string how)
    {
        Proxy.On(r => r.Kind == TableRequestKind.Read, Fault(how), times: 2);
        StoredRow? row = await Store.ReadAsync(Row, Cancellation);
        Assert.Equal(Bytes("old"), row?.Content.ToArray());
        Assert.InRange(Proxy.Requests.Count, 2, 3);
    }

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task A_read_that_fails_for_good_is_an_exception_and_never_a_missing_row(string how)
    {
        Proxy.On(r => !r.IsWrite, Fault(how));
        await Assert.ThrowsAsync<RowStoreException>(() => Store.ReadAsync(Row, Cancellation));
        await Assert.ThrowsAsync<RowStoreException>(async () => await Store.ListAsync(Row.Table, Row.PartitionKey, "", "~", Cancellation).ToListAsync(Cancellation));
    }

    [Theory]
    [InlineData(400, "InvalidInput")]
    [InlineData(403, "AuthorizationFailure")]
    [InlineData(404, "TableNotFound")]
    [InlineData(404, "SomethingElse")]
    public async Task A_refusal_is_an_exception_at_once(int status, string code)
    {
        Proxy.On(r => !r.IsWrite, TableFaults.Refused(status, code));
        await Assert.ThrowsAsync<RowStoreException>(() => Store.ReadAsync(Row, Cancellation));
        Assert.Single(Proxy.Requests);
    }

    [Fact]
    public async Task A_page_of_a_list_that_fails_is_read_again()
    {
        for (int batch = 0; batch < 2; batch++)
        {
            await Store.CommitAsync(SamTable.Clients, "p", [.. Enumerable.Range(batch * 100, 100).Select(i => new RowChange.Insert($"{i:d3}", Bytes("x")))], Cancellation);
        }

        await Store.InsertAsync(new RowAddress(SamTable.Clients, "p", "200"), Bytes("x"), Cancellation);
        Proxy.Forget();
        Proxy.On(r => r.Target.Contains("NextRowKey", StringComparison.Ordinal), TableFaults.Truncated, times: 1);

        List<StoredRow> rows = await Store.ListAsync(SamTable.Clients, "p", "", "~", Cancellation).ToListAsync(Cancellation);

        Assert.Equal(Enumerable.Range(0, 201).Select(i => $"{i:d3}"), rows.Select(r => r.Address.RowKey));
        Assert.Equal(4, Proxy.Requests.Count(r => r.Kind == TableRequestKind.List));
    }

    [Fact]
    public async Task A_store_without_a_right_to_make_tables_opens_where_they_are_and_not_where_they_are_missing()
    {
        TableStoreOptions Options(string prefix) => new()
        {
            ConnectionString = Azurite.ConnectionStringFor(Proxy),
            TablePrefix = prefix,
            Tables = [SamTable.Keys],
            CreateTables = false,
        };
        string prefix = AzuriteFixture.NewPrefix();
        RowStoreException missing = await Assert.ThrowsAsync<RowStoreException>(() => TableRowStore.OpenAsync(Options(prefix), TimeProvider.System, Cancellation));
        Assert.Contains("TableNotFound", missing.InnerException!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Proxy.Requests, r => r.IsWrite);

        using (await TableRowStore.OpenAsync(
            new TableStoreOptions { ConnectionString = Azurite.ConnectionString, TablePrefix = prefix, Tables = [SamTable.Keys] }, TimeProvider.System, Cancellation))
        {
            using TableRowStore opened = await TableRowStore.OpenAsync(Options(prefix), TimeProvider.System, Cancellation);
            Assert.Null(await opened.ReadAsync(Row with { Table = SamTable.Keys }, Cancellation));
        }
    }

    private static TableFault Fault(string how) => how switch
    {
        "request lost" => TableFaults.RequestLost,
        "answer lost" => TableFaults.AnswerLost,
        "answer cut off" => TableFaults.Truncated,
        _ => TableFaults.Refused(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture), "ServerBusy"),
    };
}
