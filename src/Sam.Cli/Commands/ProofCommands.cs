using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Sam.Cli.Audit;
using Sam.Core.Audit;

namespace Sam.Cli.Commands;

/// <summary>A proof that a signature stands in the audit: made by an auditor, checked by anybody who has the SAM's certificate.</summary>
internal static class ProofCommands
{
    internal static Command Prove(CliHost host, AdminCommands admin)
    {
        Argument<string> file = File();
        Argument<string> signature = Signature();
        Option<string?> export = new("--audit") { Description = "An export; without it the table is read.", HelpName = "FILE" };
        Option<string> table = AuditCommands.Table();
        Option<string> output = new("--out") { Description = "The new file for the proof.", HelpName = "FILE", Required = true };
        return admin.OfficerAtWork(
            "prove",
            "Auditors: proves that the signature of a file stands in the audit. The proof holds the record of the operation, and nothing of others.",
            [file, signature, export, table, output],
            (call, stop) => ProveAsync(
                host, call, call.Get(file), call.Get(signature), () => AuditCommands.Rows(host, call.Get(export), call.Get(table)!, stop), call.PathOf(call.Get(output)!), stop));
    }

    internal static Command Check(CliHost host)
    {
        Argument<string> proof = new("PROOF") { Description = "A proof, as sam audit prove wrote it." };
        Argument<string> file = File();
        Argument<string> signature = Signature();
        Option<string> certificate = new("--certificate") { Description = "The SAM's certificate, as sam identity wrote it.", HelpName = "FILE", Required = true };
        Command command = new("check-proof", "Checks a proof, without a SAM and without the audit. Exit code 0: the signature stands in the audit; 1: not proved; 2: not readable.") { proof, file, signature, certificate };
        command.SetAction(parsed => RunCheck(
            host, parsed.GetRequiredValue(proof), parsed.GetRequiredValue(file), parsed.GetRequiredValue(signature), parsed.GetRequiredValue(certificate)));
        return command;
    }

    private static Argument<string> File() => new("FILE") { Description = "What was signed: the bytes whose digest was authorized." };

    private static Argument<string> Signature() => new("SIGNATURE") { Description = "The signature's value as the SAM gave it, in bytes." };

    private static async Task ProveAsync(CliHost host, AdminCall call, string file, string signature, Func<IAsyncEnumerable<AuditRow>> rows, string output, CancellationToken stop)
    {
        byte[] value = await System.IO.File.ReadAllBytesAsync(AuditCommands.Existing(host, signature), stop);
        if (await FindAsync(call, rows(), Convert.ToHexStringLower(SHA256.HashData(value)), stop) is not var (place, index, record))
        {
            throw new CommandFailure("The audit has no such signature.");
        }

        if (ProofCheck.FindFault(record, Hash(host, file), value) is { } fault)
        {
            throw new CommandFailure($"The signature is in the audit, and {fault}.");
        }

        ProofRows found = await ProofRows.ReadAsync(rows(), place);
        BoundRecord bound = (await call.Sam.FindAuditRecordAsync(place.Chain, place.Sequence, index, stop)).OrFail().Value;
        if (bound.Digest != Convert.ToHexStringLower(SHA256.HashData(found.Row)))
        {
            throw new CommandFailure("The SAM has another row there than the audit.");
        }

        byte[] row = found.Row;
        AuditProof proof = new(
            AuditProof.Name,
            place.Chain,
            place.Sequence,
            BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(9)),
            index,
            bound.Record,
            bound.Salt,
            bound.Path,
            row[11..AuditFormat.RootOffset],
            row[AuditFormat.MacOffset..AuditFormat.RowHeaderSize],
            SHA256.HashData(row.AsSpan(AuditFormat.RowHeaderSize)),
            found.Later,
            found.Checkpoint);
        FileStream created = new(output, FileMode.CreateNew, FileAccess.Write);
        await using (created)
        {
            await created.WriteAsync(AuditProofJson.Write(proof), stop);
        }

        Show(host, proof, record);
    }

    /// <summary>The first record that releases this signature: it may have been given twice.</summary>
    private static async Task<(RowPlace Place, int Index, AuditRecord Record)?> FindAsync(AdminCall call, IAsyncEnumerable<AuditRow> rows, string signature, CancellationToken stop)
    {
        await foreach ((string chain, OpenedRow row) in new OpenedRows(call.Sam).OpenAsync(rows, stop))
        {
            for (int index = 0; index < row.Records.Count; index++)
            {
                AuditRecord record = row.Records[index];
                if (record.Event is AuditEvent.SignaturesReleased or AuditEvent.SignaturesReleasedAgain && record.SignatureDigests?.Contains(signature) == true)
                {
                    return (new RowPlace(chain, row.Sequence), index, record);
                }
            }
        }

        return null;
    }

    private static int RunCheck(CliHost host, string proofFile, string file, string signature, string certificate)
    {
        AuditProof? proof;
        byte[] value;
        ECDsa identity;
        Func<Core.Algorithms.HashAlgorithm, byte[]> hash;
        try
        {
            proof = AuditProofJson.Read(System.IO.File.ReadAllBytes(AuditCommands.Existing(host, proofFile)));
            value = System.IO.File.ReadAllBytes(AuditCommands.Existing(host, signature));
            _ = AuditCommands.Existing(host, file);
            hash = Hash(host, file);
            identity = AuditCommands.Key(host, certificate)!;
        }
        catch (Exception e) when (e is CommandFailure or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(e.Message, ExitCodes.Unreadable, e);
        }

        using ECDsa key = identity;
        AuditRecord? record = proof is null ? null : ProofCheck.Record(proof);
        string? fault = proof is null ? "it is malformed"
            : ProofCheck.FindFault(proof, key) ?? (record is null ? "its record is malformed" : ProofCheck.FindFault(record, hash, value));
        if (fault is not null)
        {
            throw new CommandFailure($"This is no proof: {fault}.");
        }

        Show(host, proof!, record!);
        return ExitCodes.Ok;
    }

    private static Func<Core.Algorithms.HashAlgorithm, byte[]> Hash(CliHost host, string file) => algorithm =>
    {
        using FileStream stream = System.IO.File.OpenRead(AuditCommands.Existing(host, file));
        return CryptographicOperations.HashData(algorithm.BclName, stream);
    };

    private static void Show(CliHost host, AuditProof proof, AuditRecord record) => new Report(host.Out).Fields(
        ("recorded at", Report.Time(record.Time)),
        ("client", record.Client),
        ("credential", record.Credential),
        ("operation", record.Operation),
        ("algorithm", record.Algorithm),
        ("chain", proof.Chain),
        ("row", proof.Sequence.ToString(CultureInfo.InvariantCulture)),
        ("signed up to row", CheckpointContent.Read(proof.Checkpoint)!.Head.Sequence.ToString(CultureInfo.InvariantCulture)),
        ("by the SAM at", Report.Time(DateTimeOffset.FromUnixTimeMilliseconds(CheckpointContent.Read(proof.Checkpoint)!.Time))));
}
