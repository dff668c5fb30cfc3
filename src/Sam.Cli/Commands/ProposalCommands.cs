using System.CommandLine;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary><c>sam proposal</c>: what was proposed, and what becomes of it.</summary>
internal static class ProposalCommands
{
    internal static Command Create(AdminCommands commands) => new("proposal", "Proposed changes.")
    {
        Approve(commands),
    };

    internal static void Show(Report report, ProposalRecord proposal) => report.Fields(
        ("proposal", proposal.Id),
        ("status", proposal.Status),
        ("change", proposal.Change.GetRawText()),
        ("digest", proposal.ChangeDigest),
        ("proposed by", proposal.ProposedBy),
        ("proposed at", Report.Time(proposal.ProposedAt)),
        ("good until", Report.Time(proposal.ExpiresAt)),
        ("closed by", proposal.ClosedBy));

    private static Command Approve(AdminCommands commands)
    {
        Argument<string> id = Ids.Proposal();
        Option<string?> digest = new("--change") { Description = "The digest of the change that you looked at. Without it, the proposal is read first.", HelpName = "DIGEST" };
        return commands.Officer(
            "approve",
            "Approves what another security officer proposed, and prints the enrolment code that it gives, if any.",
            [id, digest],
            async (call, stop) =>
            {
                string change = call.Get(digest) ?? (await call.Sam.FindProposalAsync(call.Get(id), stop)).OrFail().Value.ChangeDigest;
                return await call.Sam.ApproveAsync(call.Get(id), change, stop);
            },
            (report, made) =>
            {
                Show(report, made.Proposal);
                if (made.Code is { } code)
                {
                    report.Line();
                    report.Fields(("officer", code.Officer.Id), ("name", code.Officer.Name), ("code", code.Code.Reveal()), ("code good until", Report.Time(code.ExpiresAt)));
                }
            });
    }
}
