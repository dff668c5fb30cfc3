using Sam.KillPoints;
using Sam.Testing.Csc;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Crashes;

/// <summary>A process dies by SIGKILL before or after each of its calls to storage, audit and HSM.</summary>
public sealed class KillPointTests
{
    private readonly AzuriteFixture _azurite;

    public KillPointTests(AzuriteFixture azurite) => _azurite = azurite;

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "SYS-4")]
    public async Task A_signature_killed_at_any_step_is_made_once_or_not_at_all_and_is_accounted_for()
    {
        await using CrashSite site = await CrashSite.OpenAsync(_azurite);
        await site.MakeSignersAsync(2);
        RunReport undisturbed = await SignAsync(site, Fate.Live, at: null);
        Assert.True(undisturbed is { Ended: true, Refused: null, ExitCode: 0, Signatures.Count: 1 });
        Assert.Equal(
            undisturbed.Calls.Order(StringComparer.Ordinal), (await SignAsync(site, Fate.Live, at: null)).Calls.Order(StringComparer.Ordinal));

        await site.MakeSignersAsync((2 * undisturbed.Calls.Count) + 1);
        int killed = await KillAsync(undisturbed, EveryPoint(undisturbed), atOnce: 2, (fate, at) => SignAsync(site, fate, at));
        Assert.Equal(2 * undisturbed.Calls.Count, killed);
        Judgement judgement = await site.JudgeAsync();
        int Count(string prefix) => undisturbed.Calls.Count(call => call.StartsWith(prefix, StringComparison.Ordinal));
        TestReport.Add(
            "kill points of a signature",
            $"{killed} = 2 x ({Count("main ")} storage + {Count("hsm ")} HSM + {Count("audit ")} audit calls), {judgement.Spent} SADs spent, {judgement.Unaudited} of them by a process that died before it could tell");
    }

    [Fact]
    [Trait("Soak", "kills")]
    [Trait("Requirement", "REG-1")]
    public async Task A_first_start_and_a_registration_killed_at_any_step_are_completed_by_doing_them_again()
    {
        await using CrashSite site = await CrashSite.OpenAsync(_azurite);
        RunReport undisturbed = await RegisterAsync(site, Fate.Live, at: null);
        Assert.True(undisturbed is { Ended: true, Refused: null, ExitCode: 0 });

        (Fate Fate, Step At)[] points = EveryPoint(undisturbed);
        if (!TestCounts.EveryKillPointOfARegistration)
        {
            // What a crash leaves differs by these; between them, processes die with the same rows and keys behind them.
            points = [.. points.Where(point => point.Fate == Fate.DieAfter && Changes(point.At))];
        }

        int killed = await KillAsync(undisturbed, points, atOnce: 1, (fate, at) => RegisterAsync(site, fate, at));
        Assert.Equal(points.Length, killed);
        TestReport.Add("kill points of a first start and a registration", $"{killed} of {2 * undisturbed.Calls.Count}, all completed by the next process");
    }

    private static (Fate Fate, Step At)[] EveryPoint(RunReport undisturbed) =>
        [.. undisturbed.Steps.SelectMany(at => (IEnumerable<(Fate, Step)>)[(Fate.DieBefore, at), (Fate.DieAfter, at)])];

    private static bool Changes(Step at) => !at.Name.EndsWith("Time", StringComparison.Ordinal) && !at.Name.Contains(" Read ", StringComparison.Ordinal) && !at.Name.Contains(" List ", StringComparison.Ordinal);

    /// <summary>Kills a run at each of these points; and at one call more than it has, which ends nothing.</summary>
    private static async Task<int> KillAsync(RunReport undisturbed, (Fate Fate, Step At)[] points, int atOnce, Func<Fate, Step, Task<RunReport>> runAsync)
    {
        int killed = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = atOnce, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(points, options, async (point, _) =>
        {
            RunReport run = await runAsync(point.Fate, point.At);
            Assert.True(run is { Ended: false, ExitCode: Signals.ExitCodeOfKill }, $"The run was not killed at {point}.");
            Assert.Contains(point.At, run.Steps);
            Interlocked.Increment(ref killed);
        });
        Step last = undisturbed.Steps[^1];
        RunReport beyond = await runAsync(Fate.DieBefore, last with { Occurrence = last.Occurrence + 1 });
        Assert.True(beyond.Ended && beyond.Calls.Count == undisturbed.Calls.Count);
        return killed;
    }

    private static async Task<RunReport> SignAsync(CrashSite site, Fate fate, Step? at)
    {
        TestCredential credential = site.TakeSigner();
        RunPlan plan = site.Plan(credential) with { Fate = fate, At = at };
        RunReport run = await PipelineProcess.RunAsync(plan);
        site.Note(plan, credential, run);
        await site.RecoverAsync(credential, run);
        return run;
    }

    /// <summary>On tables of its own, with nothing in them.</summary>
    private static async Task<RunReport> RegisterAsync(CrashSite token, Fate fate, Step? at)
    {
        CrashSite site = token.Untouched();
        try
        {
            RunPlan plan = site.Plan(CrashSite.NewSigner()) with { Fate = fate, At = at };
            RunReport run = await PipelineProcess.RunAsync(plan);
            await site.CompleteAsync(plan, run);
            return run;
        }
        finally
        {
            site.CloseTables();
        }
    }
}
