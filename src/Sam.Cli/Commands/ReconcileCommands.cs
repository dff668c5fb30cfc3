using System.CommandLine;
using System.Globalization;
using Sam.Cli.Audit;
using Sam.Core.Audit;

namespace Sam.Cli.Commands;

/// <summary>What auditors do with the audit's records, which the SAM opens to them row by row.</summary>
internal static class ReconcileCommands
{
    internal static Command Records(CliHost host, AdminCommands admin)
    {
        Argument<string?> file = File();
        Option<string> table = AuditCommands.Table();
        return admin.OfficerAtWork("records", "Auditors: prints the records of the rows, one a line. The SAM opens them, and records who read them.", [file, table], async (call, stop) =>
        {
            OpenedRows rows = new(call.Sam);
            await foreach ((string chain, OpenedRow row) in rows.OpenAsync(AuditCommands.Rows(host, call.Find(file), call.Get(table)!, stop), stop))
            {
                foreach (AuditRecord record in row.Records)
                {
                    await host.Out.WriteLineAsync(AuditRecordJson.Print(chain, row.Sequence, record));
                }
            }
        });
    }

    internal static Command Reconcile(CliHost host, AdminCommands admin)
    {
        Argument<string?> file = File();
        Option<string> table = AuditCommands.Table();
        Option<string?> log = new("--hsm-log") { Description = "The HSM's own log, one JSON object a line: Azure's AuditEvent of a Managed HSM, or {\"time\":…,\"operation\":\"sign\",\"key\":…}.", HelpName = "FILE" };
        Option<bool> toTheEnd = new("--to-the-end") { Description = "Judges the last minute as well: of a SAM that is stopped. While it is at work, records of that minute may be still to come." };
        return admin.OfficerAtWork(
            "reconcile",
            "Auditors: compares what was authorized with what came of it, and the uses of signers' keys with the HSM's own log. Exit code 0: they agree, but for operations whose process ended, which are named; 1: not, and each stray is named; 2: not readable.",
            [file, table, log, toTheEnd],
            (call, stop) => RunAsync(
                host, call, call.Find(file), call.Get(table)!, call.Get(log), call.Get(toTheEnd), stop));
    }

    private static Argument<string?> File() => new("FILE") { Description = "An export; without it the table is read. Verify it first: sam audit verify.", DefaultValueFactory = _ => null };

    private static async Task RunAsync(CliHost host, AdminCall call, string? file, string table, string? log, bool toTheEnd, CancellationToken stop)
    {
        Reconciliation reconciliation = new(toTheEnd);
        try
        {
            OpenedRows rows = new(call.Sam);
            await foreach ((string chain, OpenedRow row) in rows.OpenAsync(AuditCommands.Rows(host, file, table, stop), stop))
            {
                reconciliation.Take(chain, row);
            }

            await reconciliation.AskAsync(call.Sam, stop);
            if (log is not null)
            {
                reconciliation.Compare(HsmLog.Read(AuditCommands.Existing(host, log)), rows.OwnKeys ?? []);
            }
        }
        catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(e.Message, ExitCodes.Unreadable, e);
        }

        Report report = new(host.Out);
        report.Fields(
            ("SADs issued", Number(reconciliation.Sads)),
            ("never spent", Number(reconciliation.Unused)),
            ("without an outcome, and purged", Number(reconciliation.Unknown)),
            ("operations that used keys", Number(reconciliation.Operations)),
            ("interrupted operations", Number(reconciliation.InterruptedOperations.Count)),
            ("signatures", Number(reconciliation.Signatures)),
            ("HSM's log", log is null ? "none: no --hsm-log" : $"compared; {Number(reconciliation.OwnUses)} uses of the SAM's own keys not judged"));
        foreach (string interrupted in reconciliation.InterruptedOperations)
        {
            report.Line(interrupted);
        }

        foreach (string stray in reconciliation.Strays)
        {
            report.Line(stray);
        }

        if (reconciliation.Strays.Count > 0)
        {
            throw new CommandFailure($"The audit and what was done do not agree: {Number(reconciliation.Strays.Count)} strays.");
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
