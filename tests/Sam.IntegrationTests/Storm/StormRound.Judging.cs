using System.Text.Json;
using Azure.Data.Tables;
using Sam.Cli;
using Sam.Cli.Commands;
using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Storage.Tables;
using Sam.Testing.Audit;

namespace Sam.IntegrationTests.Storm;

/// <summary>What must hold when hosts have ended, and at the end.</summary>
internal sealed partial class StormRound
{
    /// <summary>What a process stopped that has ended in good order, stays stopped, whatever was undone in the seconds after it: it has looked again (security decision 6).</summary>
    private async Task JudgeStopsAsync(int process)
    {
        RowSealer sealer = new(_keys!.Envelope);
        foreach (StormActor actor in _actors.Where(actor => actor.StoppedBy == process))
        {
            Azure.NullableResponse<TableEntity> found = await Insider.Table(actor.State).GetEntityIfExistsAsync<TableEntity>(actor.State.PartitionKey, actor.State.RowKey, cancellationToken: Stop);
            if (found.HasValue && !sealer.Open(RowEntity.ToRow(actor.State, found.Value!), RowSchemas.Credential.Name).IsRefused(out _, out byte[]? state)
                && JsonSerializer.Deserialize(state, RowSchemas.Credential.Json)!.IsUsable)
            {
                Receiver.Violations.Enqueue($"a stop was undone for good: {Insider.StoryOf(actor.State)}");
            }

            Stops++;
        }
    }

    /// <summary>
    /// The hosts have ended. What the table holds now is judged by the command; then it is mended, which must leave nothing to be named; and each change is judged for itself, with the heads and without them.
    /// </summary>
    private async Task JudgeAuditAsync()
    {
        AuditStorm audit = new(_table.Honest(SamTable.Audit), _identity!, Path.Combine(_folder, "heads"));
        Attack[] standing = [.. _table.Standing().Where(attack => attack.Address.Table == SamTable.Audit)];
        (int exitCode, string error) = await VerifyAsync();
        string? expected = audit.Verify(standing, withWitness: true);
        if ((exitCode == 0) != (expected is null) || (exitCode == 1 && !AuditStorm.Names(error, standing)))
        {
            Receiver.Violations.Enqueue($"sam audit verify: {exitCode} {error} for {standing.Length} changes; expected {expected}");
        }

        await Task.WhenAll(standing.Select(attack => Insider.RestoreAsync(attack.Address)));
        (exitCode, error) = await VerifyAsync();
        if (exitCode != 0)
        {
            Receiver.Violations.Enqueue($"sam audit verify on what hosts wrote: {error}");
        }

        JudgeChanges(audit);
        JudgeRecords();
    }

    private void JudgeChanges(AuditStorm audit)
    {
        foreach ((Manipulation kind, IReadOnlyList<Attack> rows) in Insider.OnTheAudit)
        {
            if (IsUndone(rows))
            {
                continue;
            }

            string? with = audit.Verify(rows, withWitness: true);
            string? without = audit.Verify(rows, withWitness: false);
            if ((with is null && !audit.IsUnwitnessed(rows, withWitness: true)) || (without is null && !audit.IsUnwitnessed(rows, withWitness: false)) || (with is not null && !AuditStorm.Names(with, rows)))
            {
                Receiver.Violations.Enqueue($"{kind} of {string.Join(", ", rows.Select(r => r.Address))} in the audit: {with ?? "not seen"} with heads, {without ?? "not seen"} without");
            }

            Audit = (Audit.Seen + (without is null ? 0 : 1), Audit.ByWitnessAlone + (without is null && with is not null ? 1 : 0), Audit.Unwitnessed + (with is null ? 1 : 0));
            foreach (Attack row in rows)
            {
                row.Fate = with is null ? AttackFate.Unwitnessed : AttackFate.Named;
            }
        }

        Insider.OnTheAudit.Clear();
    }

    /// <summary>The last thing that was done to each of these rows put back what a SAM wrote: nothing of it is left.</summary>
    private bool IsUndone(IReadOnlyList<Attack> rows)
    {
        bool isUndone = rows.GroupBy(r => r.Address).All(r => _table.History(r.Key) is [.., { Content: { } honest }] && r.Last().Content is { } now && now.AsSpan().SequenceEqual(honest));
        foreach (Attack row in isUndone ? rows : [])
        {
            row.Fate = AttackFate.Young;
        }

        return isUndone;
    }

    /// <summary>What keys were used for, by the records: nothing that nobody agreed to, and nothing twice.</summary>
    private void JudgeRecords()
    {
        IReadOnlyList<AuditRecord> records = AuditTrail.Open(
            _table.Honest(SamTable.Audit).Select(row => new StoredRow(row.Address, row.Content!, new RowETag("x"), DateTimeOffset.UtcNow)), _keys!);
        Alarms = records.Count(r => r.Event == AuditEvent.IntegrityFault);
        foreach (IGrouping<string, string> made in records
            .Where(r => r is { Event: AuditEvent.SignaturesReleased or AuditEvent.SigningFailed, SignatureDigests.Count: > 0 })
            .DistinctBy(r => r.Operation).SelectMany(r => r.Digests!).GroupBy(d => d))
        {
            int? received = Receiver.ReceivedFor(made.Key);
            if (received is null || made.Count() > Math.Max(1, received.Value))
            {
                Receiver.Violations.Enqueue($"by the audit, {made.Key} was signed {made.Count()} times, and {(received is null ? "nobody agreed to it" : $"{received} were received")}");
            }
        }
    }

    /// <summary>Each row whose last change was the insider's: does its seal open, and may it?</summary>
    private async Task JudgeRowsAsync()
    {
        RowSealer sealer = new(_keys!.Envelope);
        JudgeWrites(sealer);
        foreach (Attack attack in _table.Standing())
        {
            RowAddress address = attack.Address;
            Azure.NullableResponse<TableEntity> found = await Insider.Table(address).GetEntityIfExistsAsync<TableEntity>(address.PartitionKey, address.RowKey, cancellationToken: Stop);
            bool opens = found.HasValue && address.Table is not SamTable.Keys && sealer.Open(RowEntity.ToRow(address, found.Value!), SchemaOf(address)).Refusal is null;
            if (opens && attack.Worth == RowWorth.None)
            {
                Receiver.Violations.Enqueue($"{address} opens, and is not what a SAM wrote there in the last seconds");
            }

            attack.Fate ??= opens ? AttackFate.Young : attack.WasRead ? AttackFate.Refused : AttackFate.Sealed;
        }

        foreach (Attack attack in Insider.Attacks)
        {
            string fate = attack.Fate?.ToString() ?? "none";
            Fates[fate] = Fates.GetValueOrDefault(fate) + 1;
            if (attack.Fate is null)
            {
                Receiver.Violations.Enqueue($"what became of {attack.Address} is not known");
            }
        }
    }

    /// <summary>Whatever hosts wrote opens under its seal at its place, and nowhere is anything in the clear; the keyring alone is vouched for by the HSM.</summary>
    private void JudgeWrites(RowSealer sealer)
    {
        foreach (HonestWrite write in _table.Written().Where(write => write.Address.Table != SamTable.Keys))
        {
            if (sealer.OpenOfAnyAge(new StoredRow(write.Address, write.Content!, new RowETag("x"), default), SchemaOf(write.Address)).Refusal is not null)
            {
                Receiver.Violations.Enqueue($"a host wrote a row that is not sealed: {write.Address}");
            }
        }

        WrittenRows = _table.Written().Count;
    }

    /// <summary>At an address that no row has, the schema of its neighbours.</summary>
    private static string SchemaOf(RowAddress address)
    {
        try
        {
            return RowSchemas.NameOf(address);
        }
        catch (ArgumentOutOfRangeException)
        {
            return "none";
        }
    }

    private async Task<(int ExitCode, string Error)> VerifyAsync()
    {
        using StringWriter output = new();
        using StringWriter error = new();
        CliHost shell = new(
            TextReader.Null, output, error, name => name == "SAM_AUDIT_TABLES" ? _azurite.ConnectionString : null, _folder, Colour: false, TimeProvider.System);
        int exitCode = await SamCommandLine.RunAsync(["audit", "verify", .. Knowledge], shell, Stop);
        return (exitCode, error.ToString().Trim());
    }
}
