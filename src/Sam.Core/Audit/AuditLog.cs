using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Audit;

/// <summary>
/// Writes one chain per process with group commit: what arrives while a row is being written goes into the next row, together. So the cost of a record falls with the load,
/// and one writer at a time keeps the chain free of forks. Where rows take several records as it is, the store is busy, and the next row waits for more of them, in proportion to what the last one took:
/// that costs those who wait less than it gives all others.
/// </summary>
internal sealed class AuditLog : IAuditLog, IAsyncDisposable
{
    // A row holds 512 KiB: this much of records, and the seal around them. A record that is larger would stop the chain for good.
    private const int MaxBytesPerRow = 384 * 1024;
    private const int MaxRecordsPerRow = 100;

    // What an outage of the audit store may cost in memory.
    private const int MaxQueued = 10_000;
    private const int MaxQueuedBytes = 64 * 1024 * 1024;

    // As many records in one row say that more are on their way; and as many more make it worth a row.
    private const int Crowd = 4;
    private const int Enough = 24;

    // How many times as long as the last row took is waited for more. When few come, because all wait, the store is idle and rows take less: so it ends by itself.
    private const int WritesToGather = 6;

    private static readonly TimeSpan _longestGathering = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan _maxWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly IRowStore _store;
    private readonly IRowSealer _sealer;
    private readonly TimeProvider _time;
    private readonly AuditRatchet _ratchet;
    private readonly Channel<Pending> _queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly CancellationTokenSource _stop;
    private readonly Task _writer;

    private TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosed;
    private TimeSpan _gathering;
    private bool _isFailing;
    private int _queuedBytes;
    private long _sequence;
    private ReadOnlyMemory<byte> _head = AuditChain.Genesis;
    private ChainHead? _latest;

    /// <summary>Starts the writer.</summary>
    /// <param name="store">The audit table's own store.</param>
    /// <param name="sealer">Seals the batches.</param>
    /// <param name="time">Bounds the waits; records are dated by the store.</param>
    /// <param name="ratchet">Of a chain that nobody has begun.</param>
    internal AuditLog(IRowStore store, IRowSealer sealer, TimeProvider time, AuditRatchet ratchet)
    {
        _ratchet = ratchet;
        _store = store;
        _sealer = sealer;
        _time = time;
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _writer = Task.Run(WriteAsync);
    }

    public bool IsFailing
    {
        get => Volatile.Read(ref _isFailing);
        private set => Volatile.Write(ref _isFailing, value);
    }

    /// <summary>This process's chain: 32 hexadecimal characters.</summary>
    internal string ChainId => _ratchet.ChainId;

    /// <summary>How far the chain has come; null before its first row is durable.</summary>
    internal ChainHead? Latest => Volatile.Read(ref _latest);

    /// <summary>The log was closed and all that it took is written: no row will follow.</summary>
    internal bool IsComplete { get; private set; }

    public async Task<ChainHead> AppendAsync(AuditRecord record)
    {
        Pending pending = new(record, JsonSerializer.SerializeToUtf8Bytes(record, AuditJson.Default.AuditRecord).Length);
        if (pending.Size > MaxBytesPerRow)
        {
            throw new AuditUnavailableException("The audit record is larger than a row.");
        }

        if (Interlocked.Add(ref _queuedBytes, pending.Size) > MaxQueuedBytes || !_queue.Writer.TryWrite(pending))
        {
            _ = Interlocked.Add(ref _queuedBytes, -pending.Size);
            throw new AuditUnavailableException("The audit queue is full: the audit store does not keep up, or is away.");
        }

        if (_queue.Reader.Count >= Enough)
        {
            _ = Volatile.Read(ref _enough).TrySetResult();
        }

        try
        {
            return await pending.Durable.Task.WaitAsync(_maxWait, _time);
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
        _isClosed = true;
        _ = Volatile.Read(ref _enough).TrySetResult();
        _stop.CancelAfter(_maxWait);
        await _writer;
        _stop.Dispose();
    }

    private List<Pending> Take()
    {
        List<Pending> batch = [];
        int bytes = 0;
        while (batch.Count < MaxRecordsPerRow && _queue.Reader.TryPeek(out Pending? next) && bytes + next.Size <= MaxBytesPerRow
            && _queue.Reader.TryRead(out Pending? pending))
        {
            batch.Add(pending);
            bytes += pending.Size;
        }

        _ = Interlocked.Add(ref _queuedBytes, -bytes);
        return batch;
    }

    private async Task WriteAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            await GatherAsync();
            List<Pending> batch = Take();
            if (!await WriteUntilDurableAsync(batch))
            {
                return;
            }
        }

        IsComplete = true;
    }

    /// <summary>Lets more records come for the next row: not where few did for the last one, and no longer than until there are enough, or the log is closed.</summary>
    private async Task GatherAsync()
    {
        if (_gathering <= TimeSpan.Zero)
        {
            return;
        }

        TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _enough, enough);
        if (_queue.Reader.Count < Enough && !_isClosed)
        {
            _ = await Task.WhenAny(enough.Task, Task.Delay(_gathering < _longestGathering ? _gathering : _longestGathering, _time, _stop.Token));
        }
    }

    /// <summary>Tries one row until it is durable. It keeps its sequence: a row that was given up could still arrive, and fork the chain.</summary>
    private async Task<bool> WriteUntilDurableAsync(List<Pending> batch)
    {
        HashSet<string> tries = [];
        while (true)
        {
            try
            {
                long begun = _time.GetTimestamp();
                ChainHead head = await WriteRowAsync(batch, tries);
                _gathering = batch.Count < Crowd ? TimeSpan.Zero : WritesToGather * _time.GetElapsedTime(begun);
                IsFailing = false;
                batch.ForEach(pending => pending.Durable.TrySetResult(head));
                return true;
            }
#pragma warning disable CA1031 // The writer must outlive whatever a store throws; the waiting callers are told.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                IsFailing = true;
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

    private async Task<ChainHead> WriteRowAsync(List<Pending> batch, HashSet<string> tries)
    {
        RowAddress address = AuditChain.Address(ChainId, _sequence);
        DateTimeOffset now = await _store.GetTimeAsync(_stop.Token);
        AuditBatch records = AuditBatch.Of([.. batch.Select(pending => pending.Record with { Time = now })]);
        byte[] sealedBatch = _sealer.Seal(address, AuditChain.Schema, now, records.ToJson());
        ReadOnlyMemory<byte> content = AuditChain.Content(_ratchet, _sequence, batch.Count, _head.Span, AuditTree.Root(records.Leaves()), sealedBatch);

        // The digest alone: an outage of hours makes many tries.
        _ = tries.Add(Convert.ToHexString(SHA256.HashData(content.Span)));
        RowWriteResult result = await _store.InsertAsync(address, content, _stop.Token);
        if (result.Outcome != RowWriteOutcome.Written)
        {
            // In doubt, or an earlier try of this row arrived after all. A sealed row is unlike any other, so equal bytes are ours.
            StoredRow found = await _store.ReadAsync(address, _stop.Token)
                ?? throw new RowStoreException("An audit row is in doubt.");
            content = tries.Contains(Convert.ToHexString(SHA256.HashData(found.Content.Span)))
                ? found.Content
                : throw new RowStoreException("An audit row that is not ours stands at our address.");
        }

        _head = AuditChain.Head(ChainId, content.Span);
        _ratchet.Turn();
        ChainHead head = new(ChainId, _sequence, _head);
        Volatile.Write(ref _latest, head);
        _sequence++;
        return head;
    }

    private sealed record Pending(AuditRecord Record, int Size)
    {
        internal TaskCompletionSource<ChainHead> Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
