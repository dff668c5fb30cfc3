using System.Globalization;
using System.Security.Cryptography;
using Sam.Cli.Audit;
using Sam.Core.Factors;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Crashes;

/// <summary>Real hosts die by SIGKILL at random instants while clients keep them busy; each is followed by the next.</summary>
public sealed class RandomKillTests
{
    private const int Clients = 8;
    private const int MostAnswers = 48;
    private const int MostMillisecondsMore = 20;

    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;

    public RandomKillTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _hsm = hsm;
        _azurite = azurite;
    }

    [Fact]
    [Trait("Soak", "kills")]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "SYS-4")]
    [Trait("Requirement", "SIG-5")]
    [Trait("Requirement", "T-INS-1")]
    public async Task Whenever_a_host_is_killed_no_sad_signs_twice_and_every_use_of_a_key_is_accounted_for()
    {
        int kills = TestCounts.RandomKills;
        int seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        Random random = new(seed);
        Pkcs11Shim shim = _hsm.CreateShim();
        string log = shim.LogSignatures();
        using Auditor auditor = new(_azurite);
        Deployment deployment = new(_hsm, _azurite);
        Departures departures = new();
        (string, string)[] changes =
        [
            ("Sam__Pkcs11__ModulePath", shim.ModulePath),
            ("Sam__Audit__CheckpointInterval", "00:00:01"),
            ("Sam__Audit__HeadsFile", Path.Combine(auditor.Folder, "heads")),
            ("Sam__Pin__Cost__MemoryKiB", "8"), ("Sam__Pin__Cost__Iterations", "1"), ("Sam__Pin__Cost__Parallelism", "1"),
        ];
        LocalHostProcess host = await deployment.StartAsync(changes);
        AnswerCount answers = new();
        LoadClient[] clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i =>
        {
            (CscClient client, TestCredential credential) = await host.MakeAsync();
            return new LoadClient(client, credential, departures, seed + i, answers.Add);
        }));

        // What the ceremony signed is not asked of anybody here; nor is what the SAM signs with keys of its own.
        using SystemKeys keys = await deployment.OpenKeysAsync();
        int Made() => HsmLog.Read(log).Count(use => use.Key != HsmUse.NameOf(keys.Identity.Key.Value) && use.Key != HsmUse.NameOf(keys.Pepper.Value));
        int atFirst = Made();
        TaskCompletionSource<LocalHostProcess?> serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] work = [.. clients.Select(client => client.RunAsync(() => Volatile.Read(ref serving).Task))];
        int underWay = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            // Somewhere in the middle of the work, however slow the machine is: after so many answers, and some milliseconds more.
            Task soMany = answers.WaitForAsync(random.Next(MostAnswers));
            serving.SetResult(host);
            await soMany.WaitAsync(TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(MostMillisecondsMore), TestContext.Current.CancellationToken);
            int cutBefore = clients.Sum(client => client.CutOff);
            Volatile.Write(ref serving, new TaskCompletionSource<LocalHostProcess?>(TaskCreationOptions.RunContinuationsAsynchronously));
            await host.KillAsync();
            await host.DisposeAsync();

            // By the time the next one listens, whoever was cut off knows.
            host = await deployment.StartAsync(changes);
            underWay += clients.Sum(client => client.CutOff) > cutBefore ? 1 : 0;
        }

        serving.SetResult(null);
        await Task.WhenAll(work);
        await Task.WhenAll(clients.Select(client => client.FinishAsync(host)));
        int made = Made() - atFirst;
        Audited audited = await AuditAsync(auditor, host, deployment, log);
        await host.DisposeAsync();

        Assert.Equal([], clients.SelectMany(client => client.Surprises));
        Judgement judgement = await JudgeAsync(deployment, departures, clients, keys, made);
        Assert.Equal([], judgement.Faults);

        // What no record tells the outcome of, the auditor is told of, one by one, and of nothing else.
        Assert.Equal(judgement.Unaudited, audited.Interrupted);
        Assert.True(clients.Sum(client => client.Signed) >= kills && clients.Sum(client => client.Replays) > 0, $"Too little was signed to tell anything (seed {seed}).");
        Assert.True(underWay >= kills / 4, $"Only {underWay} of {kills} kills met a request (seed {seed}).");
        TestReport.Add(
            "random kills",
            $"{kills} hosts killed under {Clients} clients, {underWay} with requests in flight ({clients.Sum(c => c.CutOff)} cut off); {clients.Sum(c => c.Signed)} signatures received, "
            + $"{clients.Sum(c => c.Replays)} SADs refused as spent, {judgement.Unaudited} of {judgement.Spent} spends explained by their row alone; "
            + $"sam audit verify: whole, {audited.Chains} chains, {audited.Checkpoints} checkpoints; sam audit reconcile: no stray, {audited.Interrupted} interrupted; seed {seed}");
        await SoakResults.WriteAsync("kills", new
        {
            kills,
            seed,
            withRequestsInFlight = underWay,
            requestsCutOff = clients.Sum(c => c.CutOff),
            signaturesReceived = clients.Sum(c => c.Signed),
            refusedAsSpent = clients.Sum(c => c.Replays),
            transactions = judgement.Transactions,
            spent = judgement.Spent,
            spentAndExplainedByTheRowAlone = judgement.Unaudited,
            signaturesMade = made,
            audited,
        });
    }

    /// <summary>What an auditor finds, with the SAM's certificate, the heads and the HSM's own log: all of it whole, and every signature with a record, or with a spend whose process was killed.</summary>
    private static async Task<Audited> AuditAsync(Auditor auditor, LocalHostProcess host, Deployment deployment, string log)
    {
        await auditor.EnrolAsync(host);
        _ = await auditor.DoAsync(host, "identity", "--out", "sam.pem");
        string table = deployment.TablePrefix + nameof(SamTable.Audit);
        string verified = await auditor.DoAsync(host, "audit", "verify", "--table", table, "--certificate", "sam.pem", "--witness", "heads");
        string reconciled = await auditor.DoAsync(host, "audit", "reconcile", "--table", table, "--hsm-log", log, "--to-the-end");
        Assert.Equal("0", Auditor.Field(reconciled, "without an outcome, and purged"));
        return new Audited(
            Number(verified, "chains"), Number(verified, "checkpoints"), Number(verified, "kept heads"), Number(reconciled, "operations that used keys"), Number(reconciled, "signatures"),
            Number(reconciled, "interrupted operations"));

        static int Number(string output, string field) => int.Parse(Auditor.Field(output, field).Split(',')[0], CultureInfo.InvariantCulture);
    }

    private async Task<Judgement> JudgeAsync(Deployment deployment, Departures departures, LoadClient[] clients, SystemKeys keys, int made)
    {
        CrashTables tables = new(_azurite.ConnectionString, deployment.TablePrefix, keys);
        foreach (LoadClient client in clients)
        {
            CountersRow counters = await tables.CountersAsync(CredentialId.TryParse(client.Credential.Id, out CredentialId id) ? id.Signer : default);
            Assert.True(counters.PinAttempts >= client.WrongPins, $"{client.WrongPins} wrong PINs, and {counters.PinAttempts} are counted.");
        }

        return await CrashOracle.JudgeAsync(tables, departures, made);
    }

    /// <summary>What verify and reconcile counted.</summary>
    private sealed record Audited(int Chains, int Checkpoints, int KeptHeads, int Operations, int Signatures, int Interrupted);
}
