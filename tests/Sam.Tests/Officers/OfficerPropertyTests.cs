using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using Sam.Core;
using Sam.Core.Anchoring;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.Officers;
using Sam.Testing.Run;
using Sam.Tests.Properties;
using Xunit;

namespace Sam.Tests.Officers;

/// <summary>
/// Random proposals, approvals, withdrawals and enrolments by random people at two processes. Whatever they do: two security officers who can act remain, and every version of the list that a
/// proposal made carries two people's signatures over just this change, of whom each was such an officer in the version before. What was withdrawn made none.
/// </summary>
[Trait("Requirement", "SIG-6")]
[Trait("Requirement", "T-MGT-1")]
public sealed class OfficerPropertyTests
{
    private const int StepsOfASequence = 30;

    private static readonly Gen<(int Process, int Who, int Act, int What, int Whom)[]> _sequence =
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[0, 5], Gen.Int[0, 4], (process, who, act, what, whom) => (process, who, act, what, whom)).Array[StepsOfASequence];

    [Fact]
    [Trait("Soak", "officers")]
    public async Task Two_who_can_act_remain_and_every_change_took_two()
    {
        ulong seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        int changes = 0;
        Tally tally = new();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, TestCounts.OfficerSequences),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = TestContext.Current.CancellationToken },
            async (number, cancellation) =>
            {
                (int Process, int Who, int Act, int What, int Whom)[] steps = _sequence.Generate(new PCG((uint)number, seed), null, out Size _);
                cancellation.ThrowIfCancellationRequested();
                Tally told = new();
                (int made, string? fault) = await PlayAsync(steps, told);
                Assert.True(fault is null, $"seed {seed}, sequence {number}: {fault}");
                tally.Add(told);
                _ = Interlocked.Add(ref changes, made);
            });
        Assert.True(changes > 0);
        Assert.All(["propose: done", "approve: done", "withdraw: done", "withdraw: ProposalClosed", "enrol: done"], outcome => Assert.Contains(outcome, tally.Outcomes.Keys));
        TestReport.Add("privileged users", $"{TestCounts.OfficerSequences} sequences of {StepsOfASequence} acts, {changes} changes made, {tally.Outcomes["withdraw: done"]} proposals withdrawn, seed {seed}");
        await SoakResults.WriteAsync("officers", new { seed, sequences = TestCounts.OfficerSequences, acts = StepsOfASequence, changes, outcomes = new SortedDictionary<string, int>(tally.Outcomes.ToDictionary()) });
    }

    private static async Task<(int Made, string? Fault)> PlayAsync((int Process, int Who, int Act, int What, int Whom)[] steps, Tally tally)
    {
        await using OfficersTestBed bed = await OfficersTestBed.OpenInitializedAsync();
        ActivationModule[] processes = [bed.Sam, await bed.Bed.OpenProcessAsync()];
        List<TestOfficer> people = [.. bed.Three];
        people.Add(bed.NewOfficer("rita"));
        people.Add(bed.NewOfficer("axel"));
        Dictionary<string, Core.Values.SecretText> codes = [];
        HashSet<string> withdrawn = [];
        foreach ((int process, int who, int act, int what, int whom) in steps)
        {
            tally.Count(await ActAsync(processes[process], people, codes, withdrawn, people[who], act, what, people[whom]));
            if ((await bed.Sam.Officers.ListAsync(CancellationToken.None)).Value.Count(o => o is { Role: PrivilegedRole.SecurityOfficer, IsDisabled: false, IsEnrolled: true }) < 2)
            {
                return (0, $"fewer than two can act after {act} {what}");
            }
        }

        return await JudgeAsync(bed, withdrawn);
    }

    private static async Task<string> ActAsync(
        ActivationModule sam, List<TestOfficer> people, Dictionary<string, Core.Values.SecretText> codes, HashSet<string> withdrawn, TestOfficer who, int act, int what, TestOfficer whom)
    {
        if (act < 4)
        {
            string id = whom.Id.Length > 0 ? whom.Id : new string('0', 32);
            return Told("propose", (await who.ProposeAsync(sam, what switch
            {
                0 or 1 => new OfficerChange.AddOfficer(whom.Login.Subject, ((PrivilegedRole)(what * 2)).ToName(), whom.Login.Issuer, whom.Login.Subject),
                2 => new OfficerChange.ChangeOfficer(id, Disabled: act % 2 == 0),
                3 => new OfficerChange.ChangeOfficer(id, Role: (act % 2 == 0 ? PrivilegedRole.SecurityOfficer : PrivilegedRole.Auditor).ToName()),
                4 => new OfficerChange.RenewOfficerKey(id),
                _ => new OfficerChange.RemoveOfficer(id),
            })).Refusal);
        }

        if (act == 9)
        {
            return codes.TryGetValue(who.Login.Subject, out Core.Values.SecretText? code) ? Told("enrol", (await who.EnrolAsync(sam, code)).Refusal) : "enrol: no code";
        }

        IReadOnlyList<ProposalView> proposals = await sam.Proposals.ListAsync(null, 100, CancellationToken.None);
        if (proposals.Count == 0)
        {
            return "no proposal";
        }

        ProposalView proposal = proposals[^(1 + (what % proposals.Count))];
        if (act == 8)
        {
            Refusal? kept = (await who.WithdrawAsync(sam, proposal.Id)).Refusal;
            _ = kept is null && withdrawn.Add(proposal.Id.Value);
            return Told("withdraw", kept);
        }

        Result<ApprovedProposal> approved = await who.ApproveAsync(sam, proposal);
        if (approved.Refusal is null && approved.Value.Code is { } issued)
        {
            codes[issued.Officer.Subject] = issued.Code;
            people.Single(p => p.Login.Subject == issued.Officer.Subject).Id = issued.Officer.Id;
        }

        return Told("approve", approved.Refusal);
    }

    private static string Told(string act, Refusal? refusal) => $"{act}: {refusal?.Code.ToString() ?? "done"}";

    /// <summary>The whole history, row by row, as an auditor would read it.</summary>
    internal static async Task<(int Made, string? Fault)> JudgeAsync(OfficersTestBed bed, HashSet<string> withdrawn)
    {
        int made = 0;
        AnchorDocument? before = null;
        for (long version = 1; ; version++)
        {
            RowAddress address = new(SamTable.Registry, "anchor", version.ToString("d12", CultureInfo.InvariantCulture));
            if ((await bed.Bed.SealedRows.ReadAsync(address, RowSchemas.Anchor, CancellationToken.None)).IsRefused(out _, out SealedRow<AnchorRow>? row))
            {
                return (made, version > 1 ? null : "there is no history");
            }

            AnchorDocument document = JsonSerializer.Deserialize(row.Value.Document, RowJson.Default.AnchorDocument)!;
            if (document.Change is { } change && before is not null)
            {
                made++;
                OfficerRow? proposer = before.Officers.Find(change.Proposed.Officer);
                OfficerRow? approver = before.Officers.Find(change.Approved.Officer);
                if (withdrawn.Contains(change.Proposal))
                {
                    return (made, $"version {version} was withdrawn");
                }

                if (proposer is not { IsActiveSecurityOfficer: true } || approver is not { IsActiveSecurityOfficer: true } || proposer.Id == approver.Id
                    || !change.Proposed.IsBy(proposer) || !change.Approved.IsBy(approver)
                    || !System.Text.Encoding.UTF8.GetString(change.Approved.Body).Contains(ProposalView.DigestOf(change.Proposed.Body), StringComparison.Ordinal))
                {
                    return (made, $"version {version} was not made by two");
                }
            }

            before = document;
        }
    }
}
