using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.KillPoints;
using Sam.Testing.Csc;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Crashes;

/// <summary>
/// A process is stopped (SIGSTOP) for ten seconds before one of its calls, and goes on as if nothing had been: what it knew is old, what it sealed is late, and what it was allowed
/// may be over. All calls of a run are tried, side by side: a stopped process costs nothing.
/// </summary>
public sealed class FrozenProcessTests
{
    private const string Spend = "main Replace Transactions";
    private const string Insert = "main Insert Transactions";
    private const string Reserve = "main Replace Signers/counters";

    // The first audit row opens the chain, the second tells of the authorization: by then all of it has been answered.
    private static readonly Step _authorized = new("audit Insert Audit", 2);

    private static readonly TimeSpan _stopped = TimeSpan.FromSeconds(10);

    private readonly AzuriteFixture _azurite;

    public FrozenProcessTests(AzuriteFixture azurite) => _azurite = azurite;

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task A_process_frozen_between_any_two_steps_releases_nothing_late_and_loses_no_row()
    {
        await using CrashSite site = await CrashSite.OpenAsync(_azurite);
        await site.MakeSignersAsync(1);
        TestCredential credential = site.TakeSigner();
        RunPlan undisturbedPlan = site.Plan(credential);
        RunReport undisturbed = await PipelineProcess.RunAsync(undisturbedPlan);
        site.Note(undisturbedPlan, credential, undisturbed);

        // The audit's reading of the clock comes now before, now after the steps beside it, or not at all; the insert that follows it is stopped in its place.
        Step[] steps = [.. undisturbed.Steps.Where(step => step.Name != "audit Time")];
        await site.MakeSignersAsync(2 * steps.Length);
        string[] outcomes = await FreezeEverywhereAsync(site, steps);
        Assert.Contains("signed", outcomes);
        Judgement judgement = await site.JudgeAsync();
        TestReport.Add(
            "frozen processes",
            $"{outcomes.Length} points, {_stopped.TotalSeconds} s each: {string.Join(", ", outcomes.CountBy(o => o).OrderByDescending(o => o.Value).Select(o => $"{o.Value} {o.Key}"))}; "
            + $"{judgement.Transactions} transactions and all rows opened");
    }

    /// <summary>
    /// With a SAD that outlives the stop; and, from the first write on, with one that does not, while another process works for the same signer.
    /// Last come the stops beside the HSM's own call: a process that is stopped inside SoftHSM keeps the locks of its files, and the others would wait for it.
    /// </summary>
    private static async Task<string[]> FreezeEverywhereAsync(CrashSite site, Step[] steps)
    {
        int reserve = Array.IndexOf(steps, new Step(Reserve, 1));
        int insert = Array.IndexOf(steps, new Step(Insert, 1));
        int spend = Array.IndexOf(steps, new Step(Spend, 1));
        int authorized = Array.IndexOf(steps, _authorized);
        Assert.True(reserve >= 0 && insert > reserve && authorized > insert && spend > authorized);
        SemaphoreSlim slots = new(2);
        Func<bool, IEnumerable<Task<string>>> freeze = besideHsm =>
            steps.Index().Where(step => besideHsm == (step.Index > spend && step.Item.Name == "main Time")).SelectMany(step => (IEnumerable<Task<string>>)
            [
                FreezeAsync(site, step.Item, 300, slots, run => JudgeLongLived(run, step.Item, isAfterSpend: step.Index > spend)),
                .. step.Index < reserve ? [] : (Task<string>[])[FreezeAsync(site, step.Item, 8, slots, run => JudgeShortLived(run, step.Item, isDated: step.Index == insert || step.Index >= authorized))],
            ]);
        return [.. await Task.WhenAll(freeze(false)), .. await Task.WhenAll(freeze(true))];
    }

    /// <summary>The SAD's end is set before its row is sent; of the PIN's refund, which goes beside it, nobody knows whether it comes before or after.</summary>
    private static void JudgeShortLived(RunReport run, Step at, bool isDated) =>
        Assert.True(!isDated || run.Signatures.Count == 0, $"A SAD that was over signed, stopped at {at}.");

    private static void JudgeLongLived(RunReport run, Step at, bool isAfterSpend)
    {
        // What was under way while the process stood still may be given up: a write on a connection that was closed meanwhile, the wait for the audit, the HSM's call.
        string[] givenUp = [nameof(RowStoreException), nameof(AuditUnavailableException), nameof(KeyBackendException)];
        string? cause = run.Refused?.Split(' ')[1];

        // Stopped before the spend it signs, unless the machine is so busy that the time after the spend was too long without any stop.
        bool isRefusedRightly = run.Signatures.Count == 0 && (cause == nameof(SamErrorCode.SigningTooSlow) || givenUp.Contains(cause));
        bool right = isRefusedRightly || (!isAfterSpend && cause is null && run.Signatures.Count == 1);
        Assert.True(right, $"Stopped at {at}: {run.Signatures.Count} signatures, {run.Refused}, {run.Because}.");
    }

    private static async Task<string> FreezeAsync(CrashSite site, Step at, double sadLifetime, SemaphoreSlim slots, Action<RunReport> judge)
    {
        await slots.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            TestCredential credential = site.TakeSigner();
            RunPlan plan = site.Plan(credential) with { Fate = Fate.StopBefore, At = at, SadLifetimeSeconds = sadLifetime };
            bool meanwhile = sadLifetime < _stopped.TotalSeconds;
            RunReport run = await PipelineProcess.RunStoppedAsync(plan, _stopped, slots, () => meanwhile ? site.SignOnceAsync(credential) : Task.CompletedTask);
            Assert.True(run is { ExitCode: 0, Ended: true });
            Assert.Contains(at, run.Steps);
            site.Note(plan, credential, run);
            judge(run);
            await site.RecoverAsync(credential, run);
            return run.Refused ?? "signed";
        }
        finally
        {
            slots.Release();
        }
    }
}
