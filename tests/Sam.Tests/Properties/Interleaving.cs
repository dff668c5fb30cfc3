using System.Collections.Concurrent;

namespace Sam.Tests.Properties;

/// <summary>
/// Runs several flows one piece at a time: all their code runs here, each stops at a gate before every call to store or HSM, and a schedule says who passes next. So what
/// happens at once happens in an order that is chosen, and the same choice gives the same run.
/// </summary>
internal sealed class Interleaving : SynchronizationContext, IDisposable
{
    // Nobody waits this long but for somebody who will not come.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private readonly SemaphoreSlim _posted = new(0);
    private readonly AsyncLocal<Flow?> _current = new();
    private readonly Lock _lock = new();
    private readonly List<(Flow Flow, TaskCompletionSource Go)> _gates = [];
    private TaskCompletionSource? _shut;

    /// <summary>Whose code is running; null outside of all flows.</summary>
    internal Flow? Running => _current.Value;

    public override void Post(SendOrPostCallback d, object? state)
    {
        _queue.Enqueue((d, state));
        _ = _posted.Release();
    }

    public void Dispose() => _posted.Dispose();

    /// <summary>Stops a flow until the schedule lets it pass.</summary>
    internal Task GateAsync(Flow flow)
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _gates.Add((flow, go));
        return go.Task;
    }

    /// <summary>
    /// What writes to the audit store waits here until a flow can go on by nothing else. So an answer that does not wait for its record leaves before the record is written,
    /// every time, and not only when the writer happens to be slow.
    /// </summary>
    internal Task AuditGateAsync()
    {
        lock (_lock)
        {
            return _shut?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Runs all flows to their ends. <paramref name="observe"/> is called whenever all of them stand still.</summary>
    internal async Task RunAsync(IReadOnlyList<Flow> flows, Func<Flow, Task> run, IReadOnlyList<int> schedule, Action observe)
    {
        ShutAudit();
        foreach (Flow flow in flows)
        {
            Post(_ => flow.Task = StartAsync(flow, run), null);
        }

        for (int turn = 0; ;)
        {
            Drain();
            Flow[] going = [.. flows.Where(f => !f.HasEnded)];
            (Flow Flow, TaskCompletionSource Go)[] waiting = [.. _gates.Where(g => !g.Flow.HasEnded)];
            if (going.Length == 0)
            {
                break;
            }

            if (going.All(f => waiting.Any(w => w.Flow == f)))
            {
                observe();
                int choice = turn < schedule.Count ? schedule[turn] % waiting.Length : 0;
                turn++;
                _ = _gates.Remove(waiting[choice]);
                waiting[choice].Go.SetResult();
            }
            else
            {
                // Somebody waits for another thread: the audit's writer, or who evaluates a PIN.
                OpenAudit();
                if (!await _posted.WaitAsync(_patience))
                {
                    throw new TimeoutException("A flow waits for something that does not happen.");
                }

                ShutAudit();
            }
        }

        _gates.Clear();
        OpenAudit();
    }

    private async Task StartAsync(Flow flow, Func<Flow, Task> run)
    {
        _current.Value = flow;
        await run(flow);
    }

    private void Drain()
    {
        SynchronizationContext? outer = Current;
        SetSynchronizationContext(this);
        try
        {
            while (_queue.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    private void ShutAudit()
    {
        lock (_lock)
        {
            _shut ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void OpenAudit()
    {
        lock (_lock)
        {
            _shut?.SetResult();
            _shut = null;
        }
    }
}
