using System.CommandLine;
using Sam.Cli.Admin;
using Sam.Cli.Http;

namespace Sam.Cli.Commands;

/// <summary><c>sam proposal</c>: what was proposed, and what becomes of it.</summary>
internal static class ProposalCommands
{
    internal static Command Create(AdminCommands commands) => new("proposal", "Proposed changes.")
    {
        commands.Officer(
            "list",
            "Lists what was proposed, the oldest first.",
            [],
            (call, stop) => call.Sam.ListProposalsAsync(stop),
            (report, proposals) => report.Table(
                ["PROPOSAL", "STATUS", "PROPOSED BY", "GOOD UNTIL", "CHANGE"],
                proposals.Items.Select(p => new[] { p.Id, p.Status, p.ProposedBy, Report.Time(p.ExpiresAt), p.ToShownChange() }))),
        ForOne(commands, "show", "Shows a proposal.", (call, id, stop) => call.Sam.FindProposalAsync(id, stop)),
        Approve(commands),
        ForOne(commands, "withdraw", "Withdraws a proposal, or turns another one's down.", (call, id, stop) => call.Sam.WithdrawAsync(id, stop)),
    };

    internal static void Show(Report report, ProposalRecord proposal) => report.Fields(
        ("proposal", proposal.Id),
        ("status", proposal.Status),
        ("change", proposal.ToShownChange()),
        ("digest", proposal.ChangeDigest),
        ("proposed by", proposal.ProposedBy),
        ("proposed at", Report.Time(proposal.ProposedAt)),
        ("good until", Report.Time(proposal.ExpiresAt)),
        ("closed by", proposal.ClosedBy));

    private static Command ForOne(
        AdminCommands commands, string name, string description, Func<AdminCall, string, CancellationToken, Task<SamReply<AdminAnswer<ProposalRecord>>>> call)
    {
        Argument<string> id = Ids.Proposal();
        return commands.Officer(name, description, [id], (given, stop) => call(given, given.Get(id), stop), Show);
    }

    internal static Command Approve(AdminCommands commands)
    {
        Argument<string> id = Ids.Proposal();
        Option<string?> digest = new("--change") { Description = "The digest of the change that you looked at (sam proposal show). Without it, the change is shown, and you are asked.", HelpName = "DIGEST" };
        return commands.Officer(
            "approve",
            "Approves what another security officer proposed, and prints the enrolment code that it gives, if any.",
            [id, digest],
            async (call, stop) =>
            {
                string change = call.Get(digest) ?? Ask(call, (await call.Sam.FindProposalAsync(call.Get(id), stop)).OrFail().Value);
                return await call.Sam.ApproveAsync(call.Get(id), change, stop);
            },
            (report, made) =>
            {
                Show(report, made.Proposal);
                if (made.Code is { } code)
                {
                    report.Line();
                    report.Fields(("officer", code.Officer.Id), ("name", code.Officer.Name), ("code", code.Code.Reveal()), ("good until", Report.Time(code.ExpiresAt)));
                }
            });
    }

    /// <summary>Nobody signs what they were not shown.</summary>
    private static string Ask(AdminCall call, ProposalRecord proposal)
    {
        if (call.Host.AskSecret is not { } ask)
        {
            throw new CommandFailure("--change DIGEST is wanted, as sam proposal show has it: there is no terminal to show the change at.", ExitCodes.Usage);
        }

        Show(new Report(call.Host.Error), proposal);
        return ask("Type yes to approve it") == "yes" ? proposal.ChangeDigest : throw new CommandFailure("Nothing was approved.");
    }
}
