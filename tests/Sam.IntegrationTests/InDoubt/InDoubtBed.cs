using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Storage.Tables;
using Sam.Testing.Audit;
using Sam.Testing.InMemory;
using Sam.Testing.Tables;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.InDoubt;

/// <summary>
/// One deployment in Azurite, with two ways to it: a disturbed one by way of a proxy, for the pair of calls under test, and an undisturbed one, for looking at what they left
/// and for calling again.
/// </summary>
internal sealed class InDoubtBed : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly PatientClock _clock = new();
    private readonly SoftwareKeyBackend _keys = new();

    private InDoubtBed()
    {
        Hsm = new FaultyKeyBackend<SoftwareKeyBackend>(_keys);
    }

    /// <summary>Which requests of <see cref="StartAsync()"/>'s processes meet which faults.</summary>
    internal FaultPlan Plan { get; private set; } = null!;

    internal FaultyKeyBackend<SoftwareKeyBackend> Hsm { get; }

    internal Pbkdf2TestHash PasswordHash { get; } = new();

    /// <summary>A process that nothing happens to.</summary>
    internal ActivationModule Calm { get; private set; } = null!;

    internal TestSigner Signer { get; private set; } = null!;

    internal Caller Caller { get; } = new(SamTestBed.Id("sca"), Login: null);

    /// <summary>The tables as a SAM reads them, undisturbed.</summary>
    internal SealedRows Rows { get; private set; } = null!;

    private SystemKeys SystemKeys { get; set; } = null!;

    private TableRowStore CalmAudit { get; set; } = null!;

    private TableRowStore DisturbedRows { get; set; } = null!;

    private TableRowStore DisturbedAudit { get; set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<InDoubtBed> OpenAsync(AzuriteFixture azurite)
    {
        InDoubtBed bed = new();
        TableProxy proxy = await azurite.StartProxyAsync();
        bed._owned.Add(proxy);
        string prefix = AzuriteFixture.NewPrefix();
        TableRowStore calmRows = await bed.OpenAsync(azurite.ConnectionString, prefix, TableStoreOptions.MainTables);
        bed.CalmAudit = await bed.OpenAsync(azurite.ConnectionString, prefix, TableStoreOptions.AuditTables);
        bed.DisturbedRows = await bed.OpenAsync(azurite.ConnectionStringFor(proxy), prefix, TableStoreOptions.MainTables);
        bed.DisturbedAudit = await bed.OpenAsync(azurite.ConnectionStringFor(proxy), prefix, TableStoreOptions.AuditTables);
        bed.Plan = new FaultPlan(proxy, bed._clock);
        bed.Calm = await bed.StartAsync(calmRows, bed.CalmAudit);
        bed._owned.Add(bed.Calm);
        bed.SystemKeys = await SystemKeys.OpenAsync(calmRows, bed._keys, Cancellation);
        bed.Rows = new SealedRows(calmRows, new RowSealer(bed.SystemKeys.Envelope));
        bed.Signer = await bed.RegisterAsync();
        return bed;
    }

    /// <summary>Another process, whose requests pass the proxy.</summary>
    internal Task<ActivationModule> StartAsync() => StartAsync(DisturbedRows, DisturbedAudit);

    internal AuthorizeRequest Authorization(IReadOnlyList<Digest> digests, SecretText? pin = null) =>
        new(Caller, Signer.Credential, digests.Count, digests, pin ?? Signer.Pin);

    internal SignHashRequest Signing(SecretText sad, IReadOnlyList<Digest> digests) =>
        new(Caller, Signer.Credential, sad, digests, SignatureAlgorithm.EcdsaSha256);

    internal SadClaims Open(SecretText sad) => new SadCodec(SystemKeys.Envelope, SystemKeys.Epoch).Open(sad).Value;

    internal async Task<CountersRow> CountersAsync() => (await ReadCountersAsync()).Value;

    /// <summary>Wrong attempts that stand against the signer from before.</summary>
    internal async Task SetAttemptsAsync(int attempts, int ever)
    {
        SealedRow<CountersRow> row = await ReadCountersAsync();
        CountersRow counters = CountersRow.Fresh(row.Value.Version + 1) with { PinAttempts = attempts, PinAttemptsEver = ever };
        _ = (await Rows.ReplaceAsync(SignerRows.Counters(Signer.Id), RowSchemas.Counters, counters, row.ETag, Cancellation)).Value;
    }

    /// <summary>Checks a chain as anybody can, and reads it as its owner can.</summary>
    internal async Task<IReadOnlyList<AuditRecord>> ReadChainAsync(string chain)
    {
        List<StoredRow> rows = [];
        for (int partition = 0; rows.Count == partition * 64; partition++)
        {
            await foreach (StoredRow row in CalmAudit.ListAsync(SamTable.Audit, $"{chain}-{partition:d10}", "0", "~", Cancellation))
            {
                rows.Add(row);
            }
        }

        Assert.Null(ChainChecker.FindFault(chain, rows));
        return AuditTrail.Open(rows, SystemKeys);
    }

    public async ValueTask DisposeAsync()
    {
        Plan.Mend();
        foreach (IAsyncDisposable owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }

        await _keys.DisposeAsync();
        SystemKeys.Dispose();
    }

    private async Task<SealedRow<CountersRow>> ReadCountersAsync() =>
        (await Rows.ReadAsync(SignerRows.Counters(Signer.Id), RowSchemas.Counters, Cancellation)).Value;

    private async Task<TableRowStore> OpenAsync(string connectionString, string prefix, IReadOnlyList<SamTable> tables)
    {
        TableStoreOptions options = new() { ConnectionString = connectionString, TablePrefix = prefix, Tables = tables };
        TableRowStore store = await TableRowStore.OpenAsync(options, _clock, Cancellation);
        _owned.Add(new Owned(store));
        return store;
    }

    /// <summary>Its own limits (2 s to the key, 10 s to the release) are no matter here, and a slow machine must not reach them.</summary>
    private Task<ActivationModule> StartAsync(TableRowStore rows, TableRowStore audit) => ActivationModule.OpenAsync(
        rows,
        audit,
        Hsm,
        PasswordHash,

        // Checkpoints come by time, and would meet faults that are meant for others.
        new ActivationModuleOptions { Certificates = new CertificatePolicy { AcceptAnyChain = true }, Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None }, Audit = new AuditPolicy { CheckpointInterval = TimeSpan.Zero } },
        new PatientClock { Slowness = 1_000 },
        Cancellation);

    private async Task<TestSigner> RegisterAsync()
    {
        _ = (await Calm.Clients.SetApprovedAsync(Caller.Client, approved: true, Cancellation)).Value;
        SignerId id = (await Calm.RegisterAsync("alice", LinkedClients.Of(Caller.Client), Cancellation)).Value;
        SecretText pin = SamTestBed.NewPin();
        _ = (await Calm.SetPinAsync(id, pin, Cancellation)).Value;
        (CredentialId credential, SigningKey key) = (await Calm.CreateCredentialAsync(id, KeyAlgorithm.P256, 10, "for tests", Cancellation)).Value;
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using TestCa ca = new(now.AddYears(-1));
        byte[] certificate = ca.Issue(key.SubjectPublicKeyInfo.Span, "Test signer", now.AddDays(-1), now.AddYears(1));
        _ = (await Calm.SetCertificateAsync(credential, [certificate, ca.Certificate], Cancellation)).Value;
        return new TestSigner("alice", id, pin, credential, key, certificate);
    }

    private sealed class Owned(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
