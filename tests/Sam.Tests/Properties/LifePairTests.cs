using System.Security.Cryptography;
using CsCheck;
using Sam.Core;
using Sam.Core.Results;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Properties;

/// <summary>
/// Two acts at once in the life of a signer and a credential, at one process or at two: what both are told, and where both lives are then, is as if one had come after the other; or one was told
/// that it lost the race (RowConflict), and has done nothing.
/// </summary>
[Trait("Requirement", "MGT-2")]
[Trait("Requirement", "STP-1")]
public sealed class LifePairTests
{
    private const int PairsOfASequence = 15;

    private static readonly LifeAct[] _beginning = [LifeAct.IssueCode, LifeAct.Enrol, LifeAct.Certify, LifeAct.Confirm];

    // What ends a life comes seldom, or there would be none.
    private static readonly Gen<LifeAct> _act = Gen.Frequency(
        (24, Gen.OneOf(LifeAct.SuspendSigner, LifeAct.SuspendByOfficer, LifeAct.SuspendBySigner, LifeAct.Unlock)),
        (28, Gen.OneOf(LifeAct.ResumeSigner, LifeAct.ResumeByOfficer, LifeAct.ResumeBySigner)),
        (4, Gen.OneOf(LifeAct.Certify, LifeAct.Confirm)),
        (4, Gen.OneOf(LifeAct.CloseSigner, LifeAct.RevokeByOfficer, LifeAct.DestroyByOfficer, LifeAct.RevokeBySigner, LifeAct.DestroyBySigner)));

    private static readonly Gen<LifeStep> _step = Gen.Select(Gen.Int[0, 1], _act, (process, act) => new LifeStep(process, act, IsRight: true));

    private static readonly Gen<(LifeStep One, LifeStep Two, int Draws)[]> _sequence = Gen.Select(_step, _step, Gen.Int, (one, two, draws) => (one, two, draws)).Array[PairsOfASequence];

    [Fact]
    [Trait("Soak", "pairs")]
    public async Task Two_acts_at_once_are_one_after_the_other_or_one_of_them_none()
    {
        ulong seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        Tally tally = new();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, TestCounts.LifePairSequences),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            async (number, cancellation) =>
            {
                (LifeStep One, LifeStep Two, int Draws)[] pairs = _sequence.Generate(new PCG((uint)number, seed), null, out Size _);
                cancellation.ThrowIfCancellationRequested();
                Tally played = new();
                string? fault = await PlayAsync(pairs, played);
                Assert.True(fault is null, $"seed {seed}, sequence {number}: {fault}");
                tally.Add(played);
            });
        Assert.True(tally.Outcomes["lost to the other"] > 0 && tally.Outcomes["in an order"] > 0);
        TestReport.Add(
            "lives, two acts at once",
            $"{TestCounts.LifePairSequences} sequences of {PairsOfASequence} pairs, {tally.Outcomes["in an order"]} in one order or the other, {tally.Outcomes["lost to the other"]} times one lost, seed {seed}");
        SortedDictionary<string, int> outcomes = new(tally.Outcomes.ToDictionary());
        await SoakResults.WriteAsync("life-pairs", new { seed, sequences = TestCounts.LifePairSequences, pairs = tally.Calls, outcomes });
    }

    private static async Task<string?> PlayAsync((LifeStep One, LifeStep Two, int Draws)[] pairs, Tally tally)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync();
        ActivationModule[] processes = [bed.Sam, await bed.OpenProcessAsync()];
        Turns turns = new(bed);
        LifeModel model = new();
        LifeStage stage = await LifeStage.OpenAsync(bed);
        foreach (LifeStep step in _beginning.Select(act => new LifeStep(0, act, IsRight: true)))
        {
            _ = model.Apply(step);
            _ = await stage.DoAsync(bed.Sam, step);
        }

        foreach ((LifeStep one, LifeStep two, int draws) in pairs)
        {
            (SamErrorCode? One, SamErrorCode? Two) told = await turns.RunAsync(draws, () => stage.DoAsync(processes[one.Process], one), () => stage.DoAsync(processes[two.Process], two));
            string state = await stage.StateAsync(processes[1 - two.Process]);
            string at = $"{model.State}: {one} at {one.Process} and {two} at {two.Process}, draws {draws}: {told}, then {state}";
            if (Explain(model, one, two, told, state) is not { } after)
            {
                return at;
            }

            tally.Count(told.One == SamErrorCode.RowConflict || told.Two == SamErrorCode.RowConflict ? "lost to the other" : "in an order");
            model = after;
            foreach (ActivationModule process in processes)
            {
                if (await stage.SignsAsync(process) != model.Signs)
                {
                    return $"{at}, and the key {(model.Signs ? "does not sign" : "signs")}";
                }
            }
        }

        return null;
    }

    /// <summary>The model after both, by one of the ways in which it may have come to this; null when there is none.</summary>
    private static LifeModel? Explain(LifeModel before, LifeStep one, LifeStep two, (SamErrorCode? One, SamErrorCode? Two) told, string state)
    {
        (LifeModel Model, SamErrorCode? One, SamErrorCode? Two)[] ways = [.. Ways(before, one, two), .. Ways(before, two, one).Select(way => (way.Model, way.Second, way.First))];
        return ways.FirstOrDefault(way => way.One == told.One && way.Two == told.Two && way.Model.State == state).Model;
    }

    private static IEnumerable<(LifeModel Model, SamErrorCode? First, SamErrorCode? Second)> Ways(LifeModel before, LifeStep first, LifeStep second)
    {
        LifeModel model = before.Copy();
        SamErrorCode? toldFirst = model.Apply(first);
        if (toldFirst is null)
        {
            // Nobody loses to somebody who changed nothing.
            yield return (model.Copy(), toldFirst, SamErrorCode.RowConflict);
        }

        SamErrorCode? toldSecond = model.Apply(second);
        yield return (model, toldFirst, toldSecond);
    }
}
