using System.Security.Cryptography;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Audit;

/// <summary>
/// Signs, by time, how far this process's chain and those of others have come, and tells the witness (security decision 26). It goes beside the log and never before it: what it
/// costs the HSM and the storage does not grow with the signatures, and where it fails, signing goes on and the next turn makes up for it.
/// </summary>
internal sealed class AuditCheckpoints : IAsyncDisposable
{
    private static readonly TimeSpan _maxWaitAtTheEnd = TimeSpan.FromSeconds(5);

    private readonly IRowStore _store;
    private readonly AuditLog _log;
    private readonly ModuleIdentity _identity;
    private readonly ForeignHeads _others;
    private readonly AuditSurroundings _surroundings;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private long _number;
    private ReadOnlyMemory<byte> _previous = AuditChain.Genesis;
    private ChainHead? _signed;
    private DateTimeOffset? _signedAt;
    private ChainHead? _kept;
    private Made? _unsettled;

    internal AuditCheckpoints(IRowStore store, AuditLog log, ModuleIdentity identity, AuditPolicy policy, AuditSurroundings surroundings, TimeProvider time)
    {
        _store = store;
        _log = log;
        _identity = identity;
        _others = new ForeignHeads(store, identity, log.ChainId);
        _surroundings = surroundings;
        _time = time;
        CancellationToken stop = _stop.Token;
        _running = Task.Run(() => RunAsync(policy.CheckpointInterval, stop), CancellationToken.None);
    }

    /// <summary>The log was closed: signs its last head, for a bounded time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await EndAsync().WaitAsync(_maxWaitAtTheEnd, _time);
        }
        catch (TimeoutException late)
        {
            _surroundings.CheckpointNotMade?.Invoke(late);
        }

        _stop.Dispose();
    }

    /// <summary>The turn that is under way may be waiting for an HSM that does not answer: it counts as well.</summary>
    private async Task EndAsync()
    {
        await _running;
        await TurnAsync(atTheEnd: true, CancellationToken.None);
    }

    private async Task RunAsync(TimeSpan interval, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await Task.Delay(interval, _time, stop);
                await TurnAsync(atTheEnd: false, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task TurnAsync(bool atTheEnd, CancellationToken cancellationToken)
    {
        // The witness first: it needs no HSM.
        await TryAsync(() => TellWitnessAsync(cancellationToken), _surroundings.HeadNotKept);
        await TryAsync(() => SignAsync(atTheEnd, cancellationToken), _surroundings.CheckpointNotMade);
    }

    private async Task TellWitnessAsync(CancellationToken cancellationToken)
    {
        if (_surroundings.Witness is { } witness && _log.Latest is { } head && head != _kept)
        {
            await witness.KeepAsync(head, cancellationToken);
            _kept = head;
        }
    }

    private async Task SignAsync(bool atTheEnd, CancellationToken cancellationToken)
    {
        if (_unsettled is { } unsettled)
        {
            await SettleAsync(unsettled);
        }

        // The store's time is an estimate that may be set back; checkpoints stand in the order of their times.
        DateTimeOffset now = await _store.GetTimeAsync(cancellationToken);
        DateTimeOffset time = _signedAt is { } last && now <= last ? last.AddMilliseconds(1) : now;
        await _others.LearnAsync(now, cancellationToken);

        // What was written meanwhile waits for the next turn; of a log that gave up at its end, a row may still arrive.
        bool ends = atTheEnd && _log.IsComplete;
        IReadOnlyList<ChainHead> others = _others.News;
        if (_log.Latest is not { } head || (head == _signed && others.Count == 0 && !ends))
        {
            return;
        }

        AuditCheckpoint checkpoint = new(head, _number, time, _previous, ends, others);
        byte[] statement = checkpoint.ToStatement();
        byte[] content = [.. statement, .. await _identity.SignAsync(statement, cancellationToken)];
        _unsettled = new Made(checkpoint, content);
        await SettleAsync(_unsettled);
    }

    /// <summary>One that may or may not have arrived is sent again as it was: two of one number would look like a fork.</summary>
    private async Task SettleAsync(Made made)
    {
        RowAddress address = made.Checkpoint.Address;
        RowWriteResult result = await _store.InsertAsync(address, made.Content, CancellationToken.None);
        if (result.Outcome != RowWriteOutcome.Written)
        {
            StoredRow found = await _store.ReadAsync(address, CancellationToken.None) ?? throw new RowStoreException("A checkpoint of the audit is in doubt.");
            if (!found.Content.Span.SequenceEqual(made.Content))
            {
                _unsettled = null;
                throw new RowStoreException("A row that is not ours stands where a checkpoint of the audit belongs.");
            }
        }

        _unsettled = null;
        _number++;
        _previous = SHA256.HashData(made.Content);
        _signed = made.Checkpoint.Head;
        _signedAt = made.Checkpoint.Time;
        _others.Forget(made.Checkpoint.Others);
    }

    private static async Task TryAsync(Func<Task> work, Action<Exception>? tell)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever HSM, storage or witness throw: the next turn comes, and whoever watches is told.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            tell?.Invoke(failure);
        }
    }

    private sealed record Made(AuditCheckpoint Checkpoint, byte[] Content);
}
