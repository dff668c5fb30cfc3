using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Cli.Admin;
using Sam.Cli.Audit;
using Sam.Core.Audit;

namespace Sam.Cli.Commands;

/// <summary><c>sam audit</c>: for whoever watches over a SAM without being part of it.</summary>
internal static class AuditCommands
{
    internal static Command Create(CliHost host, AdminCommands admin) => new("audit", $"Reads the raw audit: an export, or a table by {TableRows.Variable} (a connection string, or an endpoint with a shared access signature). Its records are sealed: only the SAM opens them, to auditors.")
    {
        Export(host),
        Verify(host),
        ReconcileCommands.Records(host, admin),
        ReconcileCommands.Reconcile(host, admin),
        ProofCommands.Prove(host, admin),
        ProofCommands.Check(host),
    };

    internal static Option<string> Table() => new("--table") { Description = "The table's name.", HelpName = "NAME", DefaultValueFactory = _ => "samAudit" };

    private static Command Export(CliHost host)
    {
        Option<string> table = Table();
        Command command = new("export", "Prints the rows of the table, one a line, for sam audit verify. The records in them stay sealed.") { table };
        command.SetAction(async (parsed, stop) =>
        {
            Progress progress = new(host, "rows");
            await foreach (AuditRow row in TableRows.Open(host, parsed.GetRequiredValue(table)).ReadAsync(stop))
            {
                await host.Out.WriteLineAsync(ExportedRows.Write(row));
                progress.Step();
            }

            progress.End();
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Verify(CliHost host)
    {
        Argument<string?> file = new("FILE") { Description = "An export; without it the table is read.", DefaultValueFactory = _ => null };
        Option<string> table = Table();
        Option<string?> certificate = new("--certificate") { Description = "The SAM's certificate, as sam identity wrote it: checkpoints must be signed by it.", HelpName = "FILE" };
        Option<string?> witness = new("--witness") { Description = "Heads that were kept elsewhere (Sam:Audit:HeadsFile).", HelpName = "FILE" };
        Command command = new("verify", "Verifies all chains, checkpoints and kept heads. Exit code 0: whole; 1: broken, and what is named first; 2: not readable.") { file, table, certificate, witness };
        command.SetAction((parsed, stop) => JudgeAsync(() => RunAsync(
            host,
            Rows(host, parsed.GetValue(file), parsed.GetRequiredValue(table), stop),
            Key(host, parsed.GetValue(certificate)),
            parsed.GetValue(witness) is { } path ? Existing(host, path) : null)));
        return command;
    }

    internal static IAsyncEnumerable<AuditRow> Rows(CliHost host, string? file, string table, CancellationToken cancellationToken) => file is null
        ? TableRows.Open(host, table).ReadAsync(cancellationToken)
        : ReadFileAsync(Existing(host, file), cancellationToken);

    private static async IAsyncEnumerable<AuditRow> ReadFileAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FileStream stream = File.OpenRead(path);
        await using (stream)
        {
            await foreach (AuditRow row in ExportedRows.ReadAsync(stream, cancellationToken))
            {
                yield return row;
            }
        }
    }

    internal static ECDsa? Key(CliHost host, string? file)
    {
        if (file is null)
        {
            return null;
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(CertificateFiles.Read([Existing(host, file)])[0]);
        return certificate.GetECDsaPublicKey() ?? throw new CommandFailure($"{file} is not a SAM's certificate: its key is not on P-256.");
    }

    /// <summary>Broken is 1; whatever else keeps the audit from being judged is 2.</summary>
    private static async Task<int> JudgeAsync(Func<Task<AuditFault?>> judge)
    {
        AuditFault? fault;
        try
        {
            fault = await judge();
        }
        catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(e.Message, ExitCodes.Unreadable, e);
        }

        return fault is null ? ExitCodes.Ok : throw new CommandFailure($"The audit is broken: {fault}");
    }

    private static async Task<AuditFault?> RunAsync(CliHost host, IAsyncEnumerable<AuditRow> rows, ECDsa? key, string? witness)
    {
        using ECDsa? identity = key;
        using AuditVerifier verifier = new(identity);
        Progress progress = new(host, "rows");
        AuditFault? fault = null;
        await foreach (AuditRow row in rows)
        {
            progress.Step();
            if ((fault = verifier.Take(row)) is not null)
            {
                break;
            }
        }

        progress.End();
        long kept = 0;
        long unreadable = 0;
        fault ??= verifier.Finish() ?? (witness is null ? null : Witness(verifier, witness, out kept, out unreadable));
        if (fault is not null)
        {
            return fault;
        }

        new Report(host.Out).Fields(
            ("chains", Report.Number(verifier.Rows.Chains)),
            ("rows", Number(verifier.Rows.Rows)),
            ("records", Number(verifier.Rows.Records)),
            ("checkpoints", Number(verifier.CheckpointCount) + (identity is null ? ", signatures not checked: no --certificate" : ", signed by this SAM")),
            ("kept heads", witness is null ? "none: no --witness" : Number(kept) + (unreadable > 0 ? $", and {Number(unreadable)} lines that are none" : string.Empty)),
            ("rows after the last known head", Number(verifier.Rows.Uncovered)));
        return null;
    }

    private static AuditFault? Witness(AuditVerifier verifier, string path, out long kept, out long unreadable)
    {
        (kept, unreadable) = (0, 0);
        foreach ((long line, ChainHead? head) in WitnessFile.Read(path))
        {
            if (head is null)
            {
                unreadable++;
            }
            else if (verifier.Compare(head, $"the witness in line {Number(line)}") is { } fault)
            {
                return fault;
            }
            else
            {
                kept++;
            }
        }

        return null;
    }

    internal static string Existing(CliHost host, string file)
    {
        string path = Path.GetFullPath(file, host.WorkingDirectory);
        return File.Exists(path) ? path : throw new CommandFailure($"There is no file {file}.");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
