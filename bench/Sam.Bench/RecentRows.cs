using System.Collections.Concurrent;
using Sam.Core.Rows;

namespace Sam.Bench;

/// <summary>
/// A store in memory that forgets, as a deployment does by purging: of one table it keeps the rows inserted last. Without it a long run would measure how much memory its own rows take.
/// </summary>
internal sealed class RecentRows(IRowStore inner, SamTable table, int kept) : IRowStore
{
    private readonly ConcurrentQueue<RowAddress> _inserted = new();

    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => inner.GetTimeAsync(cancellationToken);

    public Task<StoredRow?> ReadAsync(RowAddress address, CancellationToken cancellationToken) => inner.ReadAsync(address, cancellationToken);

    public IAsyncEnumerable<StoredRow> ListAsync(SamTable listed, string partitionKey, string from, string before, CancellationToken cancellationToken) =>
        inner.ListAsync(listed, partitionKey, from, before, cancellationToken);

    public async Task<RowWriteResult> InsertAsync(RowAddress address, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (address.Table == table)
        {
            _inserted.Enqueue(address);
            if (_inserted.Count > kept && _inserted.TryDequeue(out RowAddress oldest) && await inner.ReadAsync(oldest, cancellationToken) is { } row)
            {
                _ = await inner.DeleteAsync(oldest, row.ETag, cancellationToken);
            }
        }

        return await inner.InsertAsync(address, content, cancellationToken);
    }

    public Task<RowWriteResult> ReplaceAsync(RowAddress address, ReadOnlyMemory<byte> content, RowETag etag, CancellationToken cancellationToken) =>
        inner.ReplaceAsync(address, content, etag, cancellationToken);

    public Task<RowWriteResult> DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken) => inner.DeleteAsync(address, etag, cancellationToken);

    public Task<RowWriteResult> CommitAsync(SamTable changed, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken) =>
        inner.CommitAsync(changed, partitionKey, changes, cancellationToken);
}
