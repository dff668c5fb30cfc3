using System.Security.Cryptography;
using CsCheck;
using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Testing.Officers;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Sam.Tests.Properties;
using Xunit;

namespace Sam.Tests.Officers;

/// <summary>
/// Two approvals or withdrawals at once, at one process or at two, of one proposal or of two: what both are told, and what has become of privileged users and proposals, is as if one had come after
/// the other on a copy of the deployment; or one was told that it lost the race (RowConflict), and has done nothing.
/// </summary>
[Trait("Requirement", "SIG-6")]
public sealed class OfficerPairTests
{
    private const int PairsOfASequence = 15;

    private static readonly Gen<Half> _half = Gen.Select(Gen.Int[0, 1], Gen.Int[0, 3], Gen.Frequency((3, Gen.Const(true)), (1, Gen.Const(false))), Gen.Int[0, 1], (process, who, approves, which) =>
        new Half(process, who, approves, which));

    private static readonly Gen<(int Who, int What, int Whom)> _proposal = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5], Gen.Int[0, 4], (who, what, whom) => (who, what, whom));

    private static readonly Gen<Pair[]> _sequence = Gen.Select(_proposal.Array[2], _half, _half, Gen.Int, (proposals, one, two, draws) => new Pair(proposals, one, two, draws)).Array[PairsOfASequence];

    [Fact]
    [Trait("Soak", "pairs")]
    public async Task Two_decisions_at_once_are_one_after_the_other_or_one_of_them_none()
    {
        ulong seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        Tally tally = new();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, TestCounts.OfficerPairSequences),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            async (number, cancellation) =>
            {
                Pair[] pairs = _sequence.Generate(new PCG((uint)number, seed), null, out Size _);
                cancellation.ThrowIfCancellationRequested();
                Tally played = new();
                string? fault = await PlayAsync(pairs, played);
                Assert.True(fault is null, $"seed {seed}, sequence {number}: {fault}");
                tally.Add(played);
            });
        Assert.All(["done and done", "done and RowConflict", "done and ProposalClosed"], outcome => Assert.Contains(outcome, tally.Outcomes.Keys));
        TestReport.Add(
            "privileged users, two decisions at once", $"{TestCounts.OfficerPairSequences} sequences, {tally.Calls} pairs, {tally.Outcomes["done and RowConflict"]} times one lost, seed {seed}");
        SortedDictionary<string, int> outcomes = new(tally.Outcomes.ToDictionary());
        await SoakResults.WriteAsync("officer-pairs", new { seed, sequences = TestCounts.OfficerPairSequences, pairs = tally.Calls, outcomes });
    }

    private static async Task<string?> PlayAsync(Pair[] pairs, Tally tally)
    {
        await using OfficersTestBed bed = await OfficersTestBed.OpenInitializedAsync();
        List<TestOfficer> people = [.. bed.Three, await bed.AddAsync("rita", PrivilegedRole.SecurityOfficer), bed.NewOfficer("axel")];
        ActivationModule[] processes = [bed.Sam, await bed.Bed.OpenProcessAsync()];
        Turns turns = new(bed.Bed);
        HashSet<string> withdrawn = [];
        foreach (Pair pair in pairs)
        {
            foreach ((int who, int what, int whom) in pair.Proposals)
            {
                _ = await people[who].ProposeAsync(bed.Sam, Change(people[whom], what));
            }

            ProposalView[] open = [.. (await bed.Sam.Proposals.ListAsync(null, 100, CancellationToken.None)).Where(p => p.Status == ProposalStatus.Open)];

            // One person who approves the same twice at once is not two acts, but one that is sent again.
            if (open.Length == 0 || (pair.One.Who == pair.Two.Who && pair.One.Of(open) == pair.Two.Of(open)))
            {
                continue;
            }

            Way[] ways = [await TryAsync(bed.Bed, people, open, pair.One, pair.Two), (await TryAsync(bed.Bed, people, open, pair.Two, pair.One)).Turned];
            (Told one, Told two) = await turns.RunAsync(
                pair.Draws, () => DecideAsync(processes[pair.One.Process], people, open, pair.One), () => DecideAsync(processes[pair.Two.Process], people, open, pair.Two));
            string state = await StateAsync(processes[1 - pair.Two.Process]);
            if (!ways.Any(way => way.Explains(one.What, two.What, state)))
            {
                return $"{pair.One} and {pair.Two}, draws {pair.Draws}: {one.What} and {two.What}, then {state}\n" + string.Join("\n", ways.Select(way => way.ToString()));
            }

            string[] told = [one.What, two.What];
            tally.Count(string.Join(" and ", told.OrderBy(t => t != "done").ThenBy(t => t, StringComparer.Ordinal)));
            foreach ((Half half, Told what) in new[] { (pair.One, one), (pair.Two, two) })
            {
                _ = !half.Approves && what.What == "done" && withdrawn.Add(half.Of(open).Id.Value);
                if (what.Code is { } code)
                {
                    _ = await people.Single(p => p.Login.Subject == code.Officer.Subject).EnrolAsync(bed.Sam, code.Code);
                }
            }
        }

        return (await OfficerPropertyTests.JudgeAsync(bed, withdrawn)).Fault;
    }

    private static OfficerChange Change(TestOfficer whom, int what)
    {
        string id = whom.Id.Length > 0 ? whom.Id : new string('0', 32);
        return what switch
        {
            0 => new OfficerChange.AddOfficer(whom.Login.Subject, PrivilegedRole.SecurityOfficer.ToName(), whom.Login.Issuer, whom.Login.Subject),
            1 => new OfficerChange.ChangeOfficer(id, Disabled: true),
            2 => new OfficerChange.ChangeOfficer(id, Disabled: false),
            3 => new OfficerChange.ChangeOfficer(id, Role: PrivilegedRole.Auditor.ToName()),
            4 => new OfficerChange.ChangeOfficer(id, Role: PrivilegedRole.SecurityOfficer.ToName()),
            _ => new OfficerChange.RemoveOfficer(id),
        };
    }

    private static async Task<Told> DecideAsync(ActivationModule sam, List<TestOfficer> people, ProposalView[] open, Half half)
    {
        ProposalView proposal = half.Of(open);
        if (!half.Approves)
        {
            return new Told((await people[half.Who].WithdrawAsync(sam, proposal.Id)).Refusal?.Code.ToString() ?? "done", null);
        }

        Result<ApprovedProposal> approved = await people[half.Who].ApproveAsync(sam, proposal);
        return approved.Refusal is { } refusal ? new Told(refusal.Code.ToString(), null) : new Told("done", approved.Value.Code);
    }

    /// <summary>One after the other, on a copy.</summary>
    private static async Task<Way> TryAsync(SamTestBed bed, List<TestOfficer> people, ProposalView[] open, Half first, Half second)
    {
        await using SamTestBed copy = await bed.CopyAsync();
        Told one = await DecideAsync(copy.Sam, people, open, first);
        string between = await StateAsync(copy.Sam);
        Told two = await DecideAsync(copy.Sam, people, open, second);
        return new Way(one.What, between, two.What, await StateAsync(copy.Sam));
    }

    private static async Task<string> StateAsync(ActivationModule sam)
    {
        IEnumerable<string> officers = (await sam.Officers.ListAsync(CancellationToken.None)).Value
            .OrderBy(o => o.Subject, StringComparer.Ordinal).Select(o => $"{o.Subject} {o.Role}{(o.IsDisabled ? " disabled" : string.Empty)}{(o.IsEnrolled ? string.Empty : " without a key")}");
        IEnumerable<string> proposals = (await sam.Proposals.ListAsync(null, 100, CancellationToken.None)).Select(p => $"{p.Id.Value[^4..]} {p.Status} {p.ClosedBy}");
        return string.Join(", ", officers) + "; " + string.Join(", ", proposals);
    }

    private sealed record Pair((int Who, int What, int Whom)[] Proposals, Half One, Half Two, int Draws);

    /// <summary>One of two acts.</summary>
    /// <param name="Process">Where.</param>
    /// <param name="Who">Who decides.</param>
    /// <param name="Approves">Whether they approve; else they withdraw.</param>
    /// <param name="Which">Which proposal, from the last.</param>
    private sealed record Half(int Process, int Who, bool Approves, int Which)
    {
        internal ProposalView Of(ProposalView[] open) => open[^(1 + (Which % open.Length))];
    }

    private sealed record Told(string What, IssuedCode? Code);

    /// <summary>What an order leads to.</summary>
    private sealed record Way(string First, string Between, string Second, string After, bool IsTurned = false)
    {
        internal Way Turned => this with { IsTurned = true };

        internal bool Explains(string one, string two, string state)
        {
            (string first, string second) = IsTurned ? (two, one) : (one, two);

            // A refusal's cause may be what was true when its act began, or when it ended.
            return IsDone(first) == IsDone(First)
                && ((IsDone(second) == IsDone(Second) && state == After) || (second == nameof(SamErrorCode.RowConflict) && IsDone(First) && state == Between));
        }

        private static bool IsDone(string told) => told == "done";
    }
}
