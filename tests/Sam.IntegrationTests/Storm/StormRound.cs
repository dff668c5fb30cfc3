using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Azure.Data.Tables;
using Sam.Cli;
using Sam.Cli.Admin;
using Sam.Cli.Commands;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.IntegrationTests.Hosts;
using Sam.Storage.Tables;
using Sam.Testing.Audit;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storm;

/// <summary>
/// One deployment in a storm: two hosts that signers keep busy, an insider at the tables, then nobody at work and the insider still there; and so on with new hosts. Each time its hosts have ended, the audit is judged;
/// at the end, every row that was touched.
/// </summary>
internal sealed class StormRound : IAsyncDisposable
{
    private const int Actors = 6;
    private const int WithDevice = 3;

    private static readonly TimeSpan _longestPhase = TimeSpan.FromSeconds(60);

    private readonly AzuriteFixture _azurite;
    private readonly TableProxy _proxy;
    private readonly Deployment _deployment;
    private readonly StormTable _table;
    private readonly Random _random;
    private readonly string _folder = Directory.CreateTempSubdirectory("functionssam-storm-").FullName;
    private readonly List<StormActor> _actors = [];
    private SystemKeys? _keys;
    private StormReceiver? _receiver;
    private ECDsa? _identity;

    private StormRound(SoftHsmFixture hsm, AzuriteFixture azurite, TableProxy proxy, int seed)
    {
        _azurite = azurite;
        _proxy = proxy;
        _deployment = new Deployment(hsm, azurite);
        _table = new StormTable(_deployment.TablePrefix);
        _random = new Random(seed);
        Insider = new Insider(azurite.ConnectionString, _deployment.TablePrefix, _table, seed);
        _table.Attach(proxy);
    }

    internal Insider Insider { get; }

    /// <summary>What left the SAMs.</summary>
    internal StormReceiver Receiver => _receiver!;

    /// <summary>What became of each row that was touched.</summary>
    internal SortedDictionary<string, int> Fates { get; } = new(StringComparer.Ordinal);

    /// <summary>Changes to the audit: seen; seen with the file of heads alone; seen by nobody.</summary>
    internal (int Seen, int ByWitnessAlone, int Unwitnessed) Audit { get; private set; }

    /// <summary>Stops that nobody resumed, seen to stand when the process that made them had ended.</summary>
    internal int Stops { get; private set; }

    /// <summary>Rows that hosts wrote, each under its seal.</summary>
    internal int WrittenRows { get; private set; }

    /// <summary>Alarms in the audit.</summary>
    internal int Alarms { get; private set; }

    /// <summary>Hosts that refused to start on changed keys.</summary>
    internal int RefusedStarts { get; private set; }

    private string[] Knowledge => ["--table", _deployment.TablePrefix + nameof(SamTable.Audit), "--certificate", "sam.pem", "--witness", "heads"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Runs one to its end: some phases with hosts at work, each followed by one without.</summary>
    internal static async Task<StormRound> RunAsync(SoftHsmFixture hsm, AzuriteFixture azurite, int seed, int phases, int manipulations)
    {
        StormRound round = new(hsm, azurite, await azurite.StartProxyAsync(), seed);
        for (int phase = 0; phase < phases; phase++)
        {
            round.Insider.SparesWhatAllNeed = phase < phases - 1;
            if (!await round.RunPhaseAsync(manipulations * (phase + 1) / phases))
            {
                break;
            }
        }

        await round.JudgeRowsAsync();
        return round;
    }

    public async ValueTask DisposeAsync()
    {
        _actors.ForEach(actor => actor.Close());
        _keys?.Dispose();
        _identity?.Dispose();
        await _proxy.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>False when no host can be had any more, or no officer: the service is stopped, which is all that an insider can do.</summary>
    private async Task<bool> RunPhaseAsync(int until)
    {
        await using LocalHostProcess one = await StartAsync();
        await using LocalHostProcess two = await StartAsync();
        _keys ??= await _deployment.OpenKeysAsync();
        _receiver ??= new StormReceiver(_table, _keys);
        if (!await FillAsync(one))
        {
            return false;
        }

        // A tenth is for when nobody is at work.
        int target = until - ((until - Insider.Count) / 10);
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(_actors.Select(actor => actor.RunAsync([one, two], () => Insider.Count < target && Stopwatch.GetElapsedTime(begun) < _longestPhase)));

        foreach (LocalHostProcess host in (LocalHostProcess[])[one, two])
        {
            long counted = (await host.CountRefusalsAsync()).Values.Sum();
            if (counted < Receiver.RefusedBy(host.Id))
            {
                Receiver.Violations.Enqueue($"{Receiver.RefusedBy(host.Id)} were refused, and {counted} counted");
            }
        }

        // One as its operator would, and one as a crash: it leaves an end that no checkpoint closes.
        await two.KillAsync();
        Assert.Equal(0, await one.StopAsync());
        await JudgeStopsAsync(one.Id);
        await JudgeAuditAsync();
        await ActWhenStoppedAsync(until);
        return true;
    }

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

    private Task<LocalHostProcess> StartAsync() => _deployment.StartAsync(Changes());

    private (string, string)[] Changes() =>
    [
        ("Sam__Storage__ConnectionString", _azurite.ConnectionStringFor(_proxy)),
        ("Sam__Audit__ConnectionString", _azurite.ConnectionStringFor(_proxy)),
        ("Sam__Audit__HeadsFile", Path.Combine(_folder, "heads")),
        ("Sam__Audit__CheckpointInterval", "00:00:01"),
        ("Sam__Pin__Cost__MemoryKiB", "8"), ("Sam__Pin__Cost__Iterations", "1"), ("Sam__Pin__Cost__Parallelism", "1"),
        ("Logging__LogLevel__Default", "Information"), ("Logging__LogLevel__Microsoft.AspNetCore", "Information"),
    ];

    /// <summary>Those who got nothing signed in the last phase are replaced.</summary>
    private async Task<bool> FillAsync(LocalHostProcess host)
    {
        foreach (StormActor dead in _actors.Where(actor => actor.Signed == 0))
        {
            dead.Close();
        }

        _ = _actors.RemoveAll(actor => actor.Signed == 0);
        try
        {
            _identity ??= await FindIdentityAsync(host);
            StormActor[] fresh = await Task.WhenAll(Enumerable.Range(_actors.Count, Actors - _actors.Count)
                .Select(i => StormActor.MakeAsync(host, _table, Insider, Receiver, hasDevice: i < WithDevice)));
            _actors.AddRange(fresh);
        }
        catch (CommandFailure)
        {
            return _actors.Count > 0;
        }

        _actors.ForEach(actor => actor.Signed = 0);
        return true;
    }

    private async Task<ECDsa> FindIdentityAsync(LocalHostProcess host)
    {
        AdminClient anybody = await (await host.OpenOfficeAsync()).LogInAsync("anybody", Stop);
        byte[] certificate = (await anybody.GetIdentityCertificateAsync(Stop)).OrFail().Value.Certificate;
        await File.WriteAllTextAsync(Path.Combine(_folder, "sam.pem"), PemEncoding.WriteString("CERTIFICATE", certificate), Stop);
        using X509Certificate2 parsed = X509CertificateLoader.LoadCertificate(certificate);
        return parsed.GetECDsaPublicKey()!;
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

    private async Task ActWhenStoppedAsync(int until)
    {
        if (_random.Next(2) == 0)
        {
            await ChangeKeysAsync();
        }

        // Ends of chains, which no single row is.
        AuditStorm audit = new(_table.Honest(SamTable.Audit), _identity!, Path.Combine(_folder, "heads"));
        int cuts = (until - Insider.Count) / 3;
        for (int i = 0; i < cuts; i++)
        {
            await Insider.CutAsync(audit.End(_random));
            await RestoreAuditAsync();
        }

        while (Insider.Count < until)
        {
            await Insider.ActAsync(isRunning: false);
            await RestoreAuditAsync();
        }

        JudgeChanges(audit);

        // What no host can do without, is put back: a service that does not start is stopped, and nothing else is seen.
        foreach (Attack attack in _table.Standing().Where(attack => attack.Address.Table == SamTable.Keys))
        {
            await Insider.RestoreAsync(attack.Address);
        }
    }

    private async Task RestoreAuditAsync()
    {
        foreach (Attack attack in _table.Standing().Where(attack => attack.Address.Table == SamTable.Audit))
        {
            await Insider.RestoreAsync(attack.Address);
        }
    }

    /// <summary>Without the deployment's own keys nothing starts, and nobody makes new ones.</summary>
    private async Task ChangeKeysAsync()
    {
        HonestWrite row = _table.Honest(SamTable.Keys)[0];
        TableClient table = Insider.Table(row.Address);
        byte[] changed = [.. row.Content!];
        changed[_random.Next(changed.Length)] ^= 4;
        _ = _random.Next(2) == 0
            ? await table.DeleteEntityAsync(row.Address.PartitionKey, row.Address.RowKey, cancellationToken: Stop)
            : await table.UpsertEntityAsync(RowEntity.From(row.Address.PartitionKey, row.Address.RowKey, changed), TableUpdateMode.Replace, Stop);
        (int exitCode, _) = await LocalHostProcess.RunToEndAsync(_deployment.Settings(Changes()));
        if (exitCode == 0)
        {
            Receiver.Violations.Enqueue("a host ran on keys that were changed");
        }

        RefusedStarts++;
        await Insider.RestoreAsync(row.Address);
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
