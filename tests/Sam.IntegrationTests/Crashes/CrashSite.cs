using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sam.Api.Factors;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Sealing;
using Sam.Core.Values;
using Sam.IntegrationTests.Hosts;
using Sam.KeyBackends.Pkcs11;
using Sam.KillPoints;
using Sam.Storage.Tables;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.InMemory;
using Sam.Testing.Tables;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.IntegrationTests.Crashes;

/// <summary>One deployment whose processes crash, and the process after the crash: a fresh module in the test's own process on the same tables and token.</summary>
internal sealed class CrashSite : IAsyncDisposable
{
    /// <summary>Wrong PINs that each signer has counted before its process starts: a crash must not give them back.</summary>
    internal const int WrongPins = 2;

    private const string Client = "crash-sca";

    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;
    private readonly Pkcs11Shim _ownShim;
    private readonly Pkcs11Shim _shim;
    private readonly Pkcs11KeyBackend _backend;
    private readonly Deployment _deployment;
    private readonly ConcurrentQueue<TestCredential> _signers = new();
    private TableRowStore? _main;
    private TableRowStore? _audit;
    private SystemKeys? _keys;
    private CrashTables? _tables;
    private int _credentials;

    private CrashSite(SoftHsmFixture hsm, AzuriteFixture azurite, Pkcs11Shim ownShim, Pkcs11Shim shim, Pkcs11KeyBackend backend)
    {
        _hsm = hsm;
        _azurite = azurite;
        _ownShim = ownShim;
        _shim = shim;
        _backend = backend;
        _deployment = new Deployment(hsm, azurite, ownsHsm: true);
    }

    /// <summary>What left the processes of this site.</summary>
    internal Departures Departures { get; } = new();

    /// <summary>The tables as they stand.</summary>
    internal CrashTables Tables => _tables ?? throw new InvalidOperationException("The tables have not been opened.");

    /// <summary>A site whose keys exist, on a token of its own: copies of SoftHSM in one process overlook each other's new objects.</summary>
    internal static async Task<CrashSite> OpenAsync(AzuriteFixture azurite)
    {
        SoftHsmFixture hsm = new();
        await hsm.InitializeAsync();
        Pkcs11Shim own = hsm.CreateShim();
        CrashSite site = new(hsm, azurite, own, hsm.CreateShim(isLocking: false), await Pkcs11KeyBackend.OpenAsync(
            new Pkcs11Options { ModulePath = own.ModulePath, TokenLabel = hsm.TokenLabel, PinFile = hsm.PinFile }, TimeProvider.System, TestContext.Current.CancellationToken));
        await site.OpenTablesAsync();
        return site;
    }

    /// <summary>Another site on the same token, on which nothing has run yet: not even the tables are there.</summary>
    internal CrashSite Untouched() => new(_hsm, _azurite, _ownShim, _shim, _backend);

    /// <summary>
    /// Signers for as many runs. They are made before the first run: SoftHSM reads its files anew whenever another process has added a key, and is not what is tried here.
    /// </summary>
    internal async Task MakeSignersAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _signers.Enqueue(await MakeSignerAsync());
        }
    }

    /// <summary>A signer of its own for a run.</summary>
    internal TestCredential TakeSigner() => _signers.TryDequeue(out TestCredential? signer) ? signer : throw new InvalidOperationException("More runs than signers.");

    internal static TestSigner NewSigner() =>
        new($"signer-{Guid.NewGuid():n}", SecretLedger.Note("PIN", RandomNumberGenerator.GetHexString(24, lowercase: true)));

    /// <summary>After a first start or a registration that died: the next process does it again, and the signer signs.</summary>
    internal async Task CompleteAsync(RunPlan plan, RunReport run)
    {
        await OpenTablesAsync();

        // No signer's key signed anything; the SAM's own did once, if the run came so far.
        Assert.InRange(Made(run.Process), 0, 1);
        (ActivationModule sam, _) = await RestartAsync();
        await using (sam)
        {
            await SignOnceAsync(await Pipeline.RegisterAsync(sam, plan));
        }

        Assert.Equal([], (await CrashOracle.JudgeAsync(Tables, Departures, made: 1)).Faults);
    }

    /// <summary>One undisturbed signature for a credential.</summary>
    internal RunPlan Plan(TestCredential credential) =>
        Plan(credential.Signer) with { Work = Work.Sign, Credential = credential.Id, Digest = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)) };

    /// <summary>An undisturbed registration.</summary>
    internal RunPlan Plan(TestSigner signer) => new(
        Work.Register, Fate.Live, At: null, _shim.ModulePath, _hsm.TokenLabel, _hsm.PinFile, _azurite.ConnectionString, _deployment.TablePrefix,
        Client, signer.UserId, signer.Pin, Credential: "", Digest: "", SadLifetimeSeconds: 300);

    /// <summary>Takes note of what left a run.</summary>
    internal void Note(RunPlan plan, TestCredential credential, RunReport run)
    {
        foreach (string sad in run.Sads)
        {
            Departures.Sad(sad, credential, Convert.FromHexString(plan.Digest));
        }

        foreach (byte[] signature in run.Signatures)
        {
            Departures.Signature(run.Sads.Single(), signature);
        }
    }

    /// <summary>
    /// What the run left is judged before anything is done about it, then by what a fresh process says: the SAD is good once if it was not spent and never if it was,
    /// the wrong PINs are still counted, and the signer is served.
    /// </summary>
    internal async Task RecoverAsync(TestCredential credential, RunReport run)
    {
        string[] others = [.. Departures.All.Where(other => !run.Sads.Contains(other.Key)).Select(other => Tables.Open(other.Key).Transaction.Value)];
        TransactionRow[] left = [.. (await Tables.TransactionsAsync()).Where(row => row.Value.Credential == credential.Id && !others.Contains(row.Key)).Select(row => row.Value)];
        int spent = left.Count(row => row.Spent is not null);
        int made = Made(run.Process);
        Assert.True(run.Signatures.Count <= made && made <= spent, $"{run.Signatures.Count} signatures left, {made} were made, {spent} SADs were spent.");
        Assert.True(run.Sads.Count <= left.Length, "A SAD left without its row.");
        CountersRow counted = await CountersAsync(credential);
        Assert.InRange(counted.PinAttempts, WrongPins, WrongPins + 1);
        Assert.Equal(counted.PinAttempts, counted.PinAttemptsEver);

        foreach (string sad in run.Sads)
        {
            await ReplayAsync(credential, sad, spent == 1);
            await ReplayAsync(credential, sad, spent: true);
        }

        await SignOnceAsync(credential);
        CountersRow after = await CountersAsync(credential);
        Assert.Equal((counted.PinAttempts, counted.PinAttemptsEver), (after.PinAttempts, after.PinAttemptsEver));
    }

    /// <summary>A fresh process authorizes and signs for the signer, who need not know that anything happened.</summary>
    internal async Task SignOnceAsync(TestCredential credential)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        (ActivationModule sam, _) = await RestartAsync();
        await using (sam)
        {
            string sad = SecretLedger.Note("SAD", (await sam.AuthorizeAsync(Authorization(credential, digest), CancellationToken.None)).Value.Sad.Reveal());
            Departures.Sad(sad, credential, digest);
            Departures.Signature(sad, Assert.Single((await sam.SignHashAsync(Signing(credential, sad), CancellationToken.None)).Value));
        }
    }

    /// <summary>Judges everything that ever happened here.</summary>
    internal async Task<Judgement> JudgeAsync()
    {
        // Each credential that was made here took one signature of the SAM's own key.
        Judgement judgement = await CrashOracle.JudgeAsync(Tables, Departures, _shim.SignCount() + _ownShim.SignCount() - Volatile.Read(ref _credentials));
        Assert.Equal([], judgement.Faults);
        return judgement;
    }

    /// <summary>Closes the site and its token.</summary>
    public async ValueTask DisposeAsync()
    {
        CloseTables();
        await _backend.DisposeAsync();
        await _hsm.DisposeAsync();
    }

    /// <summary>Closes an <see cref="Untouched"/> site, and leaves the token to the one it came from.</summary>
    internal void CloseTables()
    {
        _keys?.Dispose();
        _main?.Dispose();
        _audit?.Dispose();
    }

    /// <summary>A signer with a certified key and <see cref="WrongPins"/> wrong attempts.</summary>
    private async Task<TestCredential> MakeSignerAsync()
    {
        (ActivationModule sam, _) = await RestartAsync();
        await using (sam)
        {
            TestSigner signer = NewSigner();
            TestCredential credential = await Pipeline.RegisterAsync(sam, Plan(signer));
            _ = Interlocked.Increment(ref _credentials);
            for (int i = 0; i < WrongPins; i++)
            {
                AuthorizeRequest guess = Authorization(credential, RandomNumberGenerator.GetBytes(32)) with { Pin = new SecretText(RandomNumberGenerator.GetHexString(24)) };
                Assert.Equal(SamErrorCode.PinWrong, (await sam.AuthorizeAsync(guess, CancellationToken.None)).Refusal?.Code);
            }

            return credential;
        }
    }

    private async Task OpenTablesAsync()
    {
        _main = await _deployment.OpenStoreAsync(TableStoreOptions.MainTables);
        _audit = await _deployment.OpenStoreAsync(TableStoreOptions.AuditTables);
        _keys = await SystemKeys.OpenAsync(_main, _backend, TestContext.Current.CancellationToken);
        _tables = new CrashTables(_azurite.ConnectionString, _deployment.TablePrefix, _keys);
    }

    private async Task ReplayAsync(TestCredential credential, string sad, bool spent)
    {
        (ActivationModule sam, FaultyKeyBackend<Pkcs11KeyBackend> keys) = await RestartAsync();
        await using (sam)
        {
            DateTimeOffset end = Tables.Open(sad).ExpiresAt;
            bool expiredBefore = await _main!.GetTimeAsync(CancellationToken.None) >= end;
            Result<IReadOnlyList<byte[]>> signed = await sam.SignHashAsync(Signing(credential, sad), CancellationToken.None);
            if (signed.IsRefused(out Refusal? refusal, out IReadOnlyList<byte[]>? signatures))
            {
                SamErrorCode expected = expiredBefore ? SamErrorCode.SadExpired : SamErrorCode.SadSpent;
                Assert.Equal(expected, refusal.Code);
                Assert.True(spent || expiredBefore, "A SAD was refused that was not spent.");
                Assert.Equal(0, keys.SignCalls);
                return;
            }

            Departures.Signature(sad, Assert.Single(signatures));
            Assert.False(spent, "A spent SAD signed.");
        }
    }

    private async Task<(ActivationModule Sam, FaultyKeyBackend<Pkcs11KeyBackend> Keys)> RestartAsync()
    {
        FaultyKeyBackend<Pkcs11KeyBackend> keys = new(_backend);
        return (await ActivationModule.OpenAsync(
            _main!, _audit!, keys, new Argon2idHash(), Pipeline.Options(Plan(new TestSigner("", ""))), TimeProvider.System, TestContext.Current.CancellationToken), keys);
    }

    private int Made(int process) => _shim.Calls().Count(call => call.Process == process && call.Function == Pkcs11Shim.Sign);

    private Task<CountersRow> CountersAsync(TestCredential credential) => Tables.CountersAsync(IdOf(credential).Signer);

    private static CredentialId IdOf(TestCredential credential) =>
        CredentialId.TryParse(credential.Id, out CredentialId id) ? id : throw new ArgumentException("Not a credential.", nameof(credential));

    private static Caller Caller => new(ClientId.TryParse(Client, out ClientId id) ? id : default, Login: null);

    private static AuthorizeRequest Authorization(TestCredential credential, byte[] digest) =>
        new(Caller, IdOf(credential), 1, [DigestOf(digest)], new SecretText(credential.Signer.Pin));

    private SignHashRequest Signing(TestCredential credential, string sad) => new(
        Caller, IdOf(credential), new SecretText(sad), [DigestOf(Departures.Of(sad).Digest)], SignatureAlgorithm.All.First(a => a.Fits(credential.Algorithm) && a.Hash == HashAlgorithm.Sha256));

    private static Digest DigestOf(byte[] digest) =>
        Digest.TryCreate(HashAlgorithm.Sha256, digest, out Digest? parsed) ? parsed : throw new ArgumentException("Not a digest.", nameof(digest));
}
