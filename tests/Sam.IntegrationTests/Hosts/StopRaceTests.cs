using System.Security.Cryptography;
using Sam.Cli;
using Sam.Cli.Admin;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>
/// A stop against 64 calls at two hosts (security decision 6): no request whose spend was stored after the stop was stored releases a signature. One whose spend was stored before it may, if it
/// had asked for the state before it, too.
/// </summary>
[Trait("Requirement", "STP-1")]
[Trait("Requirement", "T-USE-2")]
public sealed class StopRaceTests(SoftHsmFixture hsm, AzuriteFixture azurite)
{
    private const string Reason = "a race";

    private static readonly AuditEvent[] _outcomes = [AuditEvent.SignaturesReleased, AuditEvent.SigningRefused, AuditEvent.SigningFailed];

    // A call that is held too long, because the machine is busy, is refused for that; one whose key was destroyed finds none.
    private static readonly string[] _causes =
        [nameof(SamErrorCode.StoppedWhileSigning), nameof(SamErrorCode.CredentialDisabled), nameof(SamErrorCode.SigningTooSlow), nameof(SamErrorCode.HsmUnavailable)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Soak", "stops")]
    public async Task Nothing_whose_spend_was_stored_after_the_stop_is_released()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        await using TableProxy proxy = await azurite.StartProxyAsync();
        Deployment deployment = new(hsm, azurite);
        (string Name, AuditEvent Event, Func<LocalHostProcess, TestCredential, Task<Func<Task>>> PrepareAsync)[] stops =
        [
            ("suspended by the signer", AuditEvent.CredentialSuspended, (host, credential) => PrepareBySignerAsync(host, credential, "suspend")),
            ("suspended by an officer", AuditEvent.CredentialSuspended, (host, credential) => PrepareByOfficerAsync(host, credential, "suspension")),
            ("signer suspended", AuditEvent.SignerSuspended, PrepareOfSignerAsync),
            ("destroyed by the signer", AuditEvent.KeyDestroyed, (host, credential) => PrepareBySignerAsync(host, credential, "destroy")),
            ("destroyed by an officer", AuditEvent.KeyDestroyed, (host, credential) => PrepareByOfficerAsync(host, credential, "destruction")),
        ];
        List<(string Name, AuditEvent Event, StopRaceResult Result)> races = [];
        Pkcs11Shim shim = hsm.CreateShim();
        (string, string)[] changes = Settings(proxy, shim);
        await using (LocalHostProcess one = await deployment.StartAsync(changes))
        await using (LocalHostProcess two = await deployment.StartAsync(changes))
        {
            StopRaceBed bed = new(one, two, proxy, shim);
            for (int race = 0; race < TestCounts.StopRaces; race++)
            {
                foreach ((string name, AuditEvent stopEvent, Func<LocalHostProcess, TestCredential, Task<Func<Task>>> prepareAsync) in stops)
                {
                    (CscClient client, TestCredential credential) = await one.MakeAsync();
                    Func<Task> stopAsync = await prepareAsync(random.Next(2) == 0 ? one : two, credential);
                    races.Add((name, stopEvent, await StopRace.RunAsync(bed, client, credential, random, stopAsync)));
                    foreach (LocalHostProcess either in new[] { one, two })
                    {
                        Assert.NotEqual(200, (await client.At(either.Http).AuthorizeAsync(credential, [RandomNumberGenerator.GetBytes(32)])).Status);
                    }
                }
            }
        }

        IReadOnlyList<AuditRecord> audit = await deployment.ReadAuditAsync();
        SortedDictionary<string, int> told = new(StringComparer.Ordinal);
        foreach ((string name, AuditEvent stopEvent, StopRaceResult result) in races)
        {
            string at = $"{name}, seed {seed}";
            string signer = result.Credential.Id.Split('-')[0];
            Assert.True(audit.Any(r => r.Event == stopEvent && (r.Credential == result.Credential.Id || (r.Credential is null && r.Signer == signer))), at);
            foreach (string line in Judge(result, audit, at))
            {
                told[line] = told.GetValueOrDefault(line) + 1;
            }
        }

        TestReport.Add(
            "stops against calls on two hosts",
            $"{races.Count} stops of {stops.Length} kinds, {StopRace.Calls} calls each: {string.Join(", ", told.Select(t => $"{t.Value} {t.Key}"))}, seed {seed}");
        await SoakResults.WriteAsync("stops", new { seed, races = races.Count, calls = races.Count * StopRace.Calls, told });
    }

    private (string Key, string Value)[] Settings(TableProxy proxy, Pkcs11Shim shim) =>
    [
        ("Sam__Storage__ConnectionString", azurite.ConnectionStringFor(proxy)),
        ("Sam__Pkcs11__ModulePath", shim.ModulePath),

        // What is held must not be given up before the stop is stored; and half of those in the HSM are at one host.
        ("Sam__Storage__WriteTimeout", "00:00:30"),
        ("Sam__Pkcs11__OperationTimeout", "00:00:30"),
        ("Sam__Pkcs11__MaxSessions", "32"),
        ("Sam__Pin__Cost__MemoryKiB", "8"),
        ("Sam__Pin__Cost__Iterations", "1"),
        ("Sam__Pin__Cost__Parallelism", "1"),
    ];

    /// <summary>Each call by its answer, its spend in the store, and its audit record; gives where it was and what became of it.</summary>
    private static IEnumerable<string> Judge(StopRaceResult result, IReadOnlyList<AuditRecord> audit, string at)
    {
        Dictionary<string, string[]> errors = VectorTable.Read("csc", "errors", 4).ToDictionary(cells => cells[0]);
        Assert.Equal(StopRace.Calls, result.Calls.Count);
        int aroundAfter = 0;
        foreach (RacingCall call in result.Calls)
        {
            string digest = Convert.ToHexStringLower(call.Digest);
            CscReply reply = call.Reply.Result;
            AuditRecord[] records = [.. audit.Where(r => _outcomes.Contains(r.Event) && r.Digests?.Contains(digest) == true)];
            string where = $"{call.Where}, {string.Join(" then ", records.Select(r => $"{r.Event} {r.Cause}"))}, {at}";
            Assert.True(records.Length > 0 && records.Select(r => r.Operation).Distinct().Count() == 1, where);
            AuditRecord outcome = records[^1];

            // What the store has decides, and not what anybody says.
            bool? spentBefore = result.SpentBefore.TryGetValue(outcome.Transaction!, out bool before) ? before : null;
            if (reply.Status == 200)
            {
                Assert.True(spentBefore == true && outcome.Event == AuditEvent.SignaturesReleased, where);
                byte[] signature = Assert.Single(reply.Signatures);
                Assert.True(result.Credential.Verifies(call.Digest, signature), where);
                Assert.Equal([Convert.ToHexStringLower(SHA256.HashData(signature))], outcome.SignatureDigests);
            }
            else
            {
                Assert.True(_causes.Contains(outcome.Cause), where);
                string[] expected = errors[outcome.Cause!];
                reply.IsRefused(int.Parse(expected[1], System.Globalization.CultureInfo.InvariantCulture), expected[2], expected[3]);
                Assert.True((spentBefore is null) == (outcome.Event == AuditEvent.SigningRefused), where);
                Assert.True(outcome.Cause != nameof(SamErrorCode.StoppedWhileSigning) || outcome.SignatureDigests?.Count == 1, where);
            }

            // Whatever their answers: each was where it was to be.
            Assert.True(call.Where switch
            {
                CallClass.InTheHsm => spentBefore == true,
                CallClass.BetweenSpendAndHsm => spentBefore == true && reply.Status != 200,
                CallClass.BeforeTheSpend => spentBefore == false,
                CallClass.AfterTheStop => spentBefore is null,
                CallClass.AroundTheStop => spentBefore is not null,
                _ => true,
            }, where);
            aroundAfter += call.Where == CallClass.AroundTheStop && spentBefore == false ? 1 : 0;
            yield return $"{call.Where} {(spentBefore is { } known ? known ? "spent before it" : "spent after it" : "not spent")} {(reply.Status == 200 ? "signed" : outcome.Cause)}";
        }

        Assert.Equal(result.AfterByPlan, aroundAfter);
    }

    // What comes before the one request that stops: calls that nobody holds are to race with that.
    private static async Task<Func<Task>> PrepareBySignerAsync(LocalHostProcess host, TestCredential credential, string action)
    {
        AdminClient self = await (await host.OpenOfficeAsync()).LogInAsync(credential.Signer.UserId, Cancellation);
        ChallengeText challenge = (await self.ChallengeAsync(credential.Id, action, Cancellation)).OrFail().Value;
        StopBody body = new() { Action = action, Challenge = challenge.Challenge, Pin = new Secret(credential.Signer.Pin), Reason = Reason };
        return async () => _ = (await self.StopAsync(credential.Id, body, Cancellation)).OrFail();
    }

    private static async Task<Func<Task>> PrepareByOfficerAsync(LocalHostProcess host, TestCredential credential, string act)
    {
        AdminClient officer = (await host.OpenOfficeAsync()).Registration;
        string version = (await officer.FindCredentialAsync(credential.Id, Cancellation)).OrFail().ETag!;
        return async () => _ = (await officer.ChangeCredentialAsync(credential.Id, act, Reason, version, Cancellation)).OrFail();
    }

    private static async Task<Func<Task>> PrepareOfSignerAsync(LocalHostProcess host, TestCredential credential)
    {
        AdminClient officer = (await host.OpenOfficeAsync()).Registration;
        string signer = credential.Id.Split('-')[0];
        string version = (await officer.FindSignerAsync(signer, Cancellation)).OrFail().ETag!;
        return async () => _ = (await officer.ChangeSignerAsync(signer, "suspension", Reason, version, Cancellation)).OrFail();
    }
}
