using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Data.Tables;
using Sam.Cli;
using Sam.Cli.Admin;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.IntegrationTests.Hosts;
using Sam.Storage.Tables;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Storm;

/// <summary>
/// One deployment in a storm: two hosts that signers keep busy, an insider at the tables, then nobody at work and the insider still there; and so on with new hosts. Each time its hosts have ended, the audit is judged;
/// at the end, every row that was touched.
/// </summary>
internal sealed partial class StormRound : IAsyncDisposable
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
        int before = Insider.Count;
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

        // On a slow machine fewer were done at work, and the shares must hold all the same: another round makes up for it.
        await ActWhenStoppedAsync(Math.Min(until, Insider.Count + Math.Max(3, (Insider.Count - before) / 9)));
        return true;
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
}
