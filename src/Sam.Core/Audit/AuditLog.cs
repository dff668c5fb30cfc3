using System.Text.Json;
using System.Threading.Channels;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Audit;

/// <summary>
/// Writes one chain per process with group commit: what arrives while a row is being written goes into the next row, together. So the cost of a record falls with the load,
/// and one writer at a time keeps the chain free of forks.
/// </summary>
internal sealed class AuditLog : IAuditLog, IAsyncDisposable
{
    // One row must stay well inside a table entity, also with 100 records of large batches of digests.
    private const int MaxRecordsPerRow = 100;
    private const int MaxDigestsPerRow = 2_000;
    private const int MaxQueued = 10_000;

    private static readonly TimeSpan _maxWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly IRowStore _store;
    private readonly IRowSealer _sealer;
    private readonly TimeProvider _time;
    private readonly string _chainId = OperationId.New().Value;
    private readonly Channel<Pending> _queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writer;

    private long _sequence;
    private ReadOnlyMemory<byte> _head = AuditChain.Genesis;

    /// <summary>Starts the writer.</summary>
    /// <param name="store">The audit table's own store.</param>
    /// <param name="sealer">Seals the batches.</param>
    /// <param name="time">Bounds the waits; records are dated by the store.</param>
    internal AuditLog(IRowStore store, IRowSealer sealer, TimeProvider time)
    {
        _store = store;
        _sealer = sealer;
        _time = time;
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>This process's chain: 32 hexadecimal characters.</summary>
    internal string ChainId => _chainId;

    public async Task AppendAsync(AuditRecord record)
    {
        Pending pending = new(record);
        if (!_queue.Writer.TryWrite(pending))
        {
            throw new AuditUnavailableException("The audit queue is full: the audit store does not keep up, or is away.");
        }

        try
        {
            await pending.Durable.Task.WaitAsync(_maxWait, _time);
        }
        catch (TimeoutException)
        {
            throw new AuditUnavailableException("The audit record is not durable in time.");
        }
    }

    /// <summary>Writes what is queued, for a bounded time, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _stop.CancelAfter(_maxWait);
        await _writer;
        _stop.Dispose();
    }

    private static List<Pending> Take(ChannelReader<Pending> queue)
    {
        List<Pending> batch = [];
        int digests = 0;
        while (batch.Count < MaxRecordsPerRow && digests < MaxDigestsPerRow && queue.TryRead(out Pending? pending))
        {
            batch.Add(pending);
            digests += pending.Record.Digests?.Count ?? 0;
        }

        return batch;
    }

    private async Task WriteAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            List<Pending> batch = Take(_queue.Reader);
            if (!await WriteUntilDurableAsync(batch))
            {
                return;
            }
        }
    }

    /// <summary>Tries one row until it is durable. It keeps its sequence: a row that was given up could still arrive, and fork the chain.</summary>
    private async Task<bool> WriteUntilDurableAsync(List<Pending> batch)
    {
        List<byte[]> tries = [];
        while (true)
        {
            try
            {
                await WriteRowAsync(batch, tries);
                batch.ForEach(pending => pending.Durable.TrySetResult());
                return true;
            }
#pragma warning disable CA1031 // The writer must outlive whatever a store throws; the waiting callers are told.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                batch.ForEach(pending => pending.Durable.TrySetException(new AuditUnavailableException("The audit store failed.", failure)));
            }

            try
            {
                await Task.Delay(_pauseAfterFailure, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    private async Task WriteRowAsync(List<Pending> batch, List<byte[]> tries)
    {
        RowAddress address = AuditChain.Address(_chainId, _sequence);
        DateTimeOffset now = await _store.GetTimeAsync(_stop.Token);
        AuditBatch records = new([.. batch.Select(pending => pending.Record with { Time = now })]);
        byte[] sealedBatch = _sealer.Seal(address, AuditChain.Schema, now, JsonSerializer.SerializeToUtf8Bytes(records, AuditJson.Default.AuditBatch));
        tries.Add(sealedBatch);
        RowWriteResult result = await _store.InsertAsync(address, AuditChain.Content(_head.Span, sealedBatch), _stop.Token);
        if (result.Outcome != RowWriteOutcome.Written)
        {
            // In doubt, or an earlier try of this row arrived after all. A sealed row is unlike any other, so equal bytes are ours.
            StoredRow found = await _store.ReadAsync(address, _stop.Token)
                ?? throw new RowStoreException("An audit row is in doubt.");
            sealedBatch = tries.Find(t => found.Content.Span.SequenceEqual(AuditChain.Content(_head.Span, t)))
                ?? throw new RowStoreException("An audit row that is not ours stands at our address.");
        }

        _head = AuditChain.Head(_chainId, _sequence, _head.Span, sealedBatch);
        _sequence++;
    }

    private sealed record Pending(AuditRecord Record)
    {
        internal TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
