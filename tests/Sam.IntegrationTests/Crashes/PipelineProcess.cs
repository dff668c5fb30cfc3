using System.Diagnostics;
using Sam.KillPoints;
using Sam.Testing.Csc;
using Xunit;

namespace Sam.IntegrationTests.Crashes;

/// <summary>What a run told before it ended.</summary>
/// <param name="Process">Its process id: the shim's log names it.</param>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Calls">The calls it began, in their order.</param>
/// <param name="Sads">The SADs that left it.</param>
/// <param name="Signatures">The signatures that left it.</param>
/// <param name="Refused">Where it was refused and why; null when it was not.</param>
/// <param name="Because">What was thrown there, if anything.</param>
/// <param name="Ended">Whether it came to its end.</param>
internal sealed record RunReport(
    int Process, int ExitCode, IReadOnlyList<string> Calls, IReadOnlyList<string> Sads, IReadOnlyList<byte[]> Signatures, string? Refused, string? Because, bool Ended)
{
    /// <summary>The calls by name and occurrence: where a run can be killed.</summary>
    internal IReadOnlyList<Step> Steps =>
        [.. Calls.Select((name, i) => new Step(name, Calls.Take(i + 1).Count(n => n == name)))];
}

/// <summary>Runs <c>Sam.KillPoints</c> in a process of its own.</summary>
internal static class PipelineProcess
{
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs it to its end, which may be its plan's.</summary>
    internal static Task<RunReport> RunAsync(RunPlan plan) => EndAsync(Start(plan));

    /// <summary>
    /// Runs it until it stops itself, leaves it stopped for this long at least, and wakes it. The caller holds a slot, of which there are as many as processes may work at a time;
    /// it is lent to others while the process is stopped.
    /// </summary>
    internal static async Task<RunReport> RunStoppedAsync(RunPlan plan, TimeSpan stopped, SemaphoreSlim slots, Func<Task> whileStopped)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        Process process = Start(plan);
        int id = process.Id;
        Task<RunReport> ending = EndAsync(process);
        while (!IsStopped(id))
        {
            if (ending.IsCompleted)
            {
                RunReport ended = await ending;
                Assert.Fail($"The process ended before it stopped at {plan.At}: {ended.Refused} {ended.Because}");
            }

            await Task.Delay(_betweenLooks, cancellationToken);
        }

        long from = TimeProvider.System.GetTimestamp();
        try
        {
            await whileStopped();
            slots.Release();
            try
            {
                TimeSpan left = stopped - TimeProvider.System.GetElapsedTime(from);
                await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            }
            finally
            {
                await slots.WaitAsync(CancellationToken.None);
            }
        }
        finally
        {
            Signals.Send(id, Signals.Continue);
        }

        return await ending;
    }

    private static Process Start(RunPlan plan)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Sam.KillPoints.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // It lives for half a second: what it would gain later it must not pay for now.
            Environment = { ["DOTNET_TieredPGO"] = "0" },
        };
        Process process = Process.Start(start)!;
        process.StandardInput.WriteLine(plan.ToLine());
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Owns the process: whatever happens, it is gone in the end, also one that is stopped.</summary>
    private static async Task<RunReport> EndAsync(Process process)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        int id = process.Id;
        try
        {
            Task<string> said = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            string complaint = await errors;
            Assert.True(complaint.Length == 0, complaint);
            return Read(id, process.ExitCode, await said);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }

    private static RunReport Read(int id, int exitCode, string said)
    {
        ILookup<string, string> lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).ToLookup(parts => parts[0], parts => parts[1]);
        return new RunReport(
            id,
            exitCode,
            [.. lines[Report.Call]],
            [.. lines[Report.Sad].Select(sad => SecretLedger.Note("SAD", sad))],
            [.. lines[Report.Signature].Select(Convert.FromBase64String)],
            lines[Report.Refused].SingleOrDefault(),
            lines[Report.Because].SingleOrDefault(),
            lines[Report.End].Any());
    }

    /// <summary>The state stands behind the program's name, which is in parentheses (proc(5)).</summary>
    private static bool IsStopped(int process)
    {
        string path = $"/proc/{process}/stat";
        return File.Exists(path) && File.ReadAllText(path).Split(") ")[^1].StartsWith('T');
    }
}
