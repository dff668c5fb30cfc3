using System.Text;
using Sam.Core.Rows;
using Sam.Storage.Tables;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storage;

/// <summary>A store whose requests pass a proxy, and the four writes it knows, each ready to succeed once.</summary>
public abstract class ProxiedStoreTests : IAsyncLifetime
{
    private TableProxy? _proxy;
    private TableRowStore? _store;

    protected ProxiedStoreTests(AzuriteFixture azurite) => Azurite = azurite;

    public static TheoryData<TableRequestKind> Writes { get; } = [.. WriteKinds];

    private protected static TableRequestKind[] WriteKinds => [TableRequestKind.Insert, TableRequestKind.Replace, TableRequestKind.Delete, TableRequestKind.Commit];

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected static RowAddress Row { get; } = new(SamTable.Signers, "partition", "row");

    private protected static RowAddress NewRow { get; } = Row with { RowKey = "new" };

    private protected AzuriteFixture Azurite { get; }

    private protected TableProxy Proxy => _proxy!;

    private protected TableRowStore Store => _store!;

    private protected RowETag ETag { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _proxy = await Azurite.StartProxyAsync();
        _store = await Azurite.OpenStoreAsync(_proxy);
        ETag = (await Store.InsertAsync(Row, Bytes("old"), Cancellation)).ETag;
        Proxy.Forget();
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected Task<RowWriteResult> WriteAsync(TableRequestKind kind) => kind switch
    {
        TableRequestKind.Insert => Store.InsertAsync(NewRow, Bytes("new"), Cancellation),
        TableRequestKind.Replace => Store.ReplaceAsync(Row, Bytes("new"), ETag, Cancellation),
        TableRequestKind.Delete => Store.DeleteAsync(Row, ETag, Cancellation),
        _ => Store.CommitAsync(Row.Table, Row.PartitionKey, [new RowChange.Insert(NewRow.RowKey, Bytes("new")), new RowChange.Replace(Row.RowKey, Bytes("new"), ETag)], Cancellation),
    };

    /// <summary>Whether the table shows the write.</summary>
    private protected async Task<bool> IsWrittenAsync(TableRequestKind kind)
    {
        Proxy.Mend();
        StoredRow? row = await Store.ReadAsync(kind == TableRequestKind.Insert ? NewRow : Row, Cancellation);
        return kind == TableRequestKind.Delete ? row is null : row is not null && row.Content.Span.SequenceEqual(Bytes("new"));
    }
}
