using System.Diagnostics;

namespace Sam.Bench;

/// <summary>One round: a rate, and how long a call took.</summary>
/// <param name="PerSecond">Calls completed per second.</param>
/// <param name="Median">The median latency, in milliseconds.</param>
/// <param name="P99">The 99th percentile, in milliseconds.</param>
/// <param name="Count">Calls completed.</param>
internal sealed record Round(double PerSecond, double Median, double P99, int Count)
{
    /// <summary>The round whose rate is the median of all.</summary>
    internal static Round MedianOf(IEnumerable<Round> rounds)
    {
        Round[] sorted = [.. rounds.OrderBy(r => r.PerSecond)];
        return sorted[sorted.Length / 2];
    }
}

/// <summary>A closed loop: each client sends its next call when it has the answer to the last.</summary>
internal static class ClosedLoop
{
    internal static async Task<Round> RunAsync(int clients, Func<int, Task> call, Func<TimeSpan, int, bool> goesOn)
    {
        List<double>[] latencies = [.. Enumerable.Range(0, clients).Select(_ => new List<double>())];
        int started = 0;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            while (goesOn(Stopwatch.GetElapsedTime(start), Interlocked.Increment(ref started)))
            {
                long sent = Stopwatch.GetTimestamp();
                await call(client);
                latencies[client].Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        })));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        double[] all = [.. latencies.SelectMany(l => l).Order()];
        return new Round(all.Length / elapsed.TotalSeconds, all[all.Length / 2], all[(int)(all.Length * 0.99)], all.Length);
    }

    internal static Task<Round> ForAsync(double seconds, int clients, Func<int, Task> call) =>
        RunAsync(clients, call, (elapsed, _) => elapsed.TotalSeconds < seconds);
}
