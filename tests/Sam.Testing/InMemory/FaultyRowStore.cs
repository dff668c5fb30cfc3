using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Sam.Core.Rows;

namespace Sam.Testing.InMemory;

/// <summary>
/// A row store on a bad day. It counts the calls that pass, and asks the test before and after each: a delegate may hold the call, throw, or say that the answer got lost.
/// </summary>
public sealed class FaultyRowStore : IRowStore
{
    private readonly IRowStore _inner;
    private readonly ConcurrentQueue<RowStoreCall> _calls = new();

    /// <summary>Stands in front of a store.</summary>
    public FaultyRowStore(IRowStore inner) => _inner = inner;

    /// <summary>Asked before each call. It may await something (to hold the call) or throw (the call then never arrives).</summary>
    public Func<RowStoreCall, Task>? Before { get; set; }

    /// <summary>Asked after each call has been carried out and before its answer is given. It may await or throw.</summary>
    public Func<RowStoreCall, Task>? After { get; set; }

    /// <summary>Asked for each write: what becomes of it.</summary>
    public Func<RowStoreCall, WriteFate>? Fate { get; set; }

    /// <summary>All calls so far, in the order in which they began.</summary>
    public IReadOnlyList<RowStoreCall> Calls => [.. _calls];

    /// <summary>Forgets the calls so far.</summary>
    public void ForgetCalls() => _calls.Clear();

    /// <inheritdoc/>
    public async ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) =>
        await PassAsync(new RowStoreCall(RowStoreCallKind.Time, default), async () => await _inner.GetTimeAsync(cancellationToken));

    /// <inheritdoc/>
    public Task<StoredRow?> ReadAsync(RowAddress address, CancellationToken cancellationToken) =>
        PassAsync(new RowStoreCall(RowStoreCallKind.Read, address), () => _inner.ReadAsync(address, cancellationToken));

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredRow> ListAsync(
        SamTable table, string partitionKey, string from, string before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RowStoreCall call = new(RowStoreCallKind.List, new RowAddress(table, partitionKey, string.Empty));
        List<StoredRow> rows = await PassAsync(call, async () => await _inner.ListAsync(table, partitionKey, from, before, cancellationToken).ToListAsync(cancellationToken));
        foreach (StoredRow row in rows)
        {
            yield return row;
        }
    }

    /// <inheritdoc/>
    public Task<RowWriteResult> InsertAsync(RowAddress address, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WriteAsync(new RowStoreCall(RowStoreCallKind.Insert, address), () => _inner.InsertAsync(address, content, cancellationToken));

    /// <inheritdoc/>
    public Task<RowWriteResult> ReplaceAsync(RowAddress address, ReadOnlyMemory<byte> content, RowETag etag, CancellationToken cancellationToken) =>
        WriteAsync(new RowStoreCall(RowStoreCallKind.Replace, address), () => _inner.ReplaceAsync(address, content, etag, cancellationToken));

    /// <inheritdoc/>
    public Task<RowWriteResult> DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken) =>
        WriteAsync(new RowStoreCall(RowStoreCallKind.Delete, address), () => _inner.DeleteAsync(address, etag, cancellationToken));

    /// <inheritdoc/>
    public Task<RowWriteResult> CommitAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken) =>
        WriteAsync(
            new RowStoreCall(RowStoreCallKind.Commit, new RowAddress(table, partitionKey, string.Empty)),
            () => _inner.CommitAsync(table, partitionKey, changes, cancellationToken));

    private Task<RowWriteResult> WriteAsync(RowStoreCall call, Func<Task<RowWriteResult>> write) => PassAsync(call, async () => Fate?.Invoke(call) switch
    {
        WriteFate.LostBeforeArriving => new RowWriteResult(RowWriteOutcome.InDoubt),
        WriteFate.ArrivesUnanswered => await write() is { Outcome: RowWriteOutcome.Conflict } conflict ? conflict : new RowWriteResult(RowWriteOutcome.InDoubt),

        // A proxy or an SDK that sent the request twice: the second answer is the one that comes back.
        WriteFate.ArrivesAnsweredAsConflict => await write() with { Outcome = RowWriteOutcome.Conflict },
        _ => await write(),
    });

    private async Task<T> PassAsync<T>(RowStoreCall call, Func<Task<T>> carryOut)
    {
        _calls.Enqueue(call);
        await (Before?.Invoke(call) ?? Task.CompletedTask);
        T answer = await carryOut();
        await (After?.Invoke(call) ?? Task.CompletedTask);
        return answer;
    }
}
