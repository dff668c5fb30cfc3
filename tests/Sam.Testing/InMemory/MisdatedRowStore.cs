using Sam.Core.Rows;

namespace Sam.Testing.InMemory;

/// <summary>A store by way of a front end whose clock is wrong: the dates of its answers are, the rows' Timestamps are not.</summary>
public sealed class MisdatedRowStore : IRowStore
{
    private readonly IRowStore _inner;

    /// <summary>Stands in front of a store.</summary>
    public MisdatedRowStore(IRowStore inner) => _inner = inner;

    /// <summary>By how much the dates are ahead.</summary>
    public TimeSpan Error { get; set; }

    /// <inheritdoc/>
    public async ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => await _inner.GetTimeAsync(cancellationToken) + Error;

    /// <inheritdoc/>
    public Task<StoredRow?> ReadAsync(RowAddress address, CancellationToken cancellationToken) => _inner.ReadAsync(address, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredRow> ListAsync(SamTable table, string partitionKey, string from, string before, CancellationToken cancellationToken) =>
        _inner.ListAsync(table, partitionKey, from, before, cancellationToken);

    /// <inheritdoc/>
    public Task<RowWriteResult> InsertAsync(RowAddress address, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        DateAsync(_inner.InsertAsync(address, content, cancellationToken));

    /// <inheritdoc/>
    public Task<RowWriteResult> ReplaceAsync(RowAddress address, ReadOnlyMemory<byte> content, RowETag etag, CancellationToken cancellationToken) =>
        DateAsync(_inner.ReplaceAsync(address, content, etag, cancellationToken));

    /// <inheritdoc/>
    public Task<RowWriteResult> DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken) =>
        DateAsync(_inner.DeleteAsync(address, etag, cancellationToken));

    /// <inheritdoc/>
    public Task<RowWriteResult> CommitAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken) =>
        DateAsync(_inner.CommitAsync(table, partitionKey, changes, cancellationToken));

    private async Task<RowWriteResult> DateAsync(Task<RowWriteResult> answering)
    {
        RowWriteResult answer = await answering;
        return answer.Outcome == RowWriteOutcome.InDoubt ? answer : answer with { ServerDate = answer.ServerDate + Error };
    }
}
