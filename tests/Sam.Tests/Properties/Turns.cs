using Sam.Testing.TestBed;

namespace Sam.Tests.Properties;

/// <summary>
/// Runs two acts at once: each stands still before every call to store or HSM, and when both do, a draw says who goes on. So between any two calls of one there may be any calls of the other.
/// </summary>
internal sealed class Turns
{
    // Nobody waits this long but for somebody who will not come.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly AsyncLocal<Act?> _act = new();
    private readonly HashSet<Act> _going = [];
    private readonly List<(Act Act, TaskCompletionSource Go)> _standing = [];
    private Random _draw = new(0);

    /// <summary>In front of a bed's store and HSM. What is done outside of <see cref="RunAsync"/> passes.</summary>
    internal Turns(SamTestBed bed)
    {
        bed.Rows.Before = _ => StandAsync();
        bed.Hsm.BeforeMac = bed.Hsm.BeforeSign = bed.Hsm.BeforeAnchor = bed.Hsm.BeforeDestroy = StandAsync;
    }

    /// <summary>Runs both to their ends.</summary>
    /// <param name="draws">What the draws come from: the same gives the same run.</param>
    /// <param name="one">An act.</param>
    /// <param name="two">Another.</param>
    internal async Task<(T One, T Two)> RunAsync<T>(int draws, Func<Task<T>> one, Func<Task<T>> two)
    {
        _draw = new Random(draws);
        Act[] acts = [new(1), new(2)];
        _going.UnionWith(acts);
        T[] told = await Task.WhenAll(StartAsync(acts[0], one), StartAsync(acts[1], two)).WaitAsync(_patience);
        return (told[0], told[1]);
    }

    private Task<T> StartAsync<T>(Act act, Func<Task<T>> run) => Task.Run(async () =>
    {
        _act.Value = act;
        try
        {
            await StandAsync();
            return await run();
        }
        finally
        {
            lock (_lock)
            {
                _ = _going.Remove(act);
                Draw();
            }
        }
    });

    private Task StandAsync()
    {
        if (_act.Value is not { } act)
        {
            return Task.CompletedTask;
        }

        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _standing.Add((act, go));
            Draw();
        }

        return go.Task;
    }

    private void Draw()
    {
        if (_standing.Count > 0 && _going.All(act => _standing.Exists(s => s.Act == act)))
        {
            // By the acts' own order, and not by who came first, which nobody can repeat.
            Act[] acts = [.. _standing.Select(s => s.Act).Distinct().OrderBy(act => act.Number)];
            Act next = acts[_draw.Next(acts.Length)];
            int first = _standing.FindIndex(s => s.Act == next);
            TaskCompletionSource go = _standing[first].Go;
            _standing.RemoveAt(first);
            go.SetResult();
        }
    }

    private sealed record Act(int Number);
}
