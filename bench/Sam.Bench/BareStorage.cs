using System.Globalization;
using System.Security.Cryptography;
using Sam.Core.Rows;
using Sam.Storage.Tables;

namespace Sam.Bench;

/// <summary>What Azurite gives when nothing but the storage is asked: the reads and writes of one pair, with nothing between them.</summary>
internal sealed class BareStorage : IDisposable
{
    // About what the sealed rows of a pair take.
    private const int RowSize = 600;

    private readonly TableRowStore _rows;
    private readonly TableRowStore _audit;

    private BareStorage(TableRowStore rows, TableRowStore audit) => (_rows, _audit) = (rows, audit);

    internal static async Task<BareStorage> OpenAsync(string connectionString) => new(
        await TableRowStore.OpenAsync(new TableStoreOptions { ConnectionString = connectionString, TablePrefix = "bare" }, TimeProvider.System, CancellationToken.None),
        await TableRowStore.OpenAsync(
            new TableStoreOptions { ConnectionString = connectionString, TablePrefix = "bare", Tables = TableStoreOptions.AuditTables }, TimeProvider.System, CancellationToken.None));

    /// <summary>Credential read; counter reserved; counter refunded beside the transaction's insert; three reads; the spend; a read beside it; two audit rows (under load a SAM writes fewer, for it packs them).</summary>
    internal async Task<Func<Task>> MakeClientAsync(int number)
    {
        string partition = number.ToString("x32", CultureInfo.InvariantCulture);
        RowAddress credential = new(SamTable.Signers, partition, "credential");
        RowAddress counters = new(SamTable.Signers, partition, "counters");
        RowAddress client = new(SamTable.Clients, partition, "client");
        byte[] content = RandomNumberGenerator.GetBytes(RowSize);
        _ = await _rows.InsertAsync(credential, content, CancellationToken.None);
        _ = await _rows.InsertAsync(client, content, CancellationToken.None);
        RowETag counter = (await _rows.InsertAsync(counters, content, CancellationToken.None)).ETag;
        return async () =>
        {
            string id = Guid.NewGuid().ToString("n");
            RowAddress transaction = new(SamTable.Transactions, id[..3], id);
            _ = await _rows.ReadAsync(credential, CancellationToken.None);
            counter = (await _rows.ReplaceAsync(counters, content, counter, CancellationToken.None)).ETag;
            Task<RowWriteResult> refund = _rows.ReplaceAsync(counters, content, counter, CancellationToken.None);
            RowWriteResult inserted = await _rows.InsertAsync(transaction, content, CancellationToken.None);
            counter = (await refund).ETag;
            _ = await _audit.InsertAsync(new RowAddress(SamTable.Audit, partition, $"{id}-1"), content, CancellationToken.None);
            await Task.WhenAll(
                _rows.ReadAsync(transaction, CancellationToken.None), _rows.ReadAsync(client, CancellationToken.None), _rows.ReadAsync(credential, CancellationToken.None));
            _ = await _rows.ReplaceAsync(transaction, content, inserted.ETag, CancellationToken.None);
            _ = await _rows.ReadAsync(credential, CancellationToken.None);
            _ = await _audit.InsertAsync(new RowAddress(SamTable.Audit, partition, $"{id}-2"), content, CancellationToken.None);
        };
    }

    public void Dispose()
    {
        _rows.Dispose();
        _audit.Dispose();
    }
}
