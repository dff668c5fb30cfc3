using System.Globalization;
using System.Security.Cryptography;
using Sam.Api.Factors;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Anchoring;
using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11;
using Sam.Storage.Tables;
using Sam.Testing.Hsm;
using Sam.Testing.InMemory;
using Sam.Testing.Tables;
using Sam.Testing.TestBed;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Bench;

/// <summary>A deployment's domain: the module for making signers, and authorize and signHash composed by hand, once with an audit log and once without.</summary>
internal sealed class AuditParts : IAsyncDisposable
{
    private readonly ActivationModule _module;
    private readonly Pkcs11KeyBackend _backend;
    private readonly SystemKeys _keys;
    private readonly TableRowStore _main;
    private readonly TableRowStore _auditTable;
    private readonly FaultyRowStore _audit;
    private readonly AuditLog _log;
    private readonly AuditCheckpoints _checkpoints;
    private readonly ActivationModuleOptions _options;
    private int _signers;

    private AuditParts(ActivationModule module, Pkcs11KeyBackend backend, SystemKeys keys, TableRowStore main, TableRowStore auditTable, ActivationModuleOptions options, AuditRatchet ratchet)
    {
        _module = module;
        _backend = backend;
        _keys = keys;
        _main = main;
        _auditTable = auditTable;
        _options = options;
        _audit = new FaultyRowStore(auditTable);
        _log = new AuditLog(_audit, new RowSealer(keys.Envelope), TimeProvider.System, ratchet);
        _checkpoints = new AuditCheckpoints(_audit, _log, keys.Identity, options.Audit, new AuditSurroundings(), TimeProvider.System);
    }

    /// <summary>How often the audit's table was asked for anything, so far.</summary>
    internal int AuditOperations => _audit.Calls.Count(call => call.Kind != RowStoreCallKind.Time);

    internal static async Task<AuditParts> OpenAsync(SoftHsmFixture hsm, AzuriteFixture azurite, string token)
    {
        string prefix = AzuriteFixture.NewPrefix();
        TableRowStore main = await TableRowStore.OpenAsync(
            new TableStoreOptions { ConnectionString = azurite.ConnectionString, TablePrefix = prefix }, TimeProvider.System, CancellationToken.None);
        TableRowStore audit = await TableRowStore.OpenAsync(
            new TableStoreOptions { ConnectionString = azurite.ConnectionString, TablePrefix = prefix, Tables = TableStoreOptions.AuditTables }, TimeProvider.System, CancellationToken.None);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", hsm.ConfigPath);
        Pkcs11KeyBackend backend = await Pkcs11KeyBackend.OpenAsync(
            new Pkcs11Options { ModulePath = hsm.CreateShim().ModulePath, TokenLabel = token, PinFile = hsm.PinFile }, TimeProvider.System, CancellationToken.None);
        ActivationModuleOptions options = new()
        {
            Pin = new PinPolicy { Cost = new PasswordHashCost(8, 1, 1) },
            Certificates = new CertificatePolicy { AcceptAnyChain = true },
            Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None },
            Keys = new KeyPolicy { Algorithms = ["rsa2048", "p256"] },
        };
        ActivationModule module = await ActivationModule.OpenAsync(main, audit, backend, new Argon2idHash(), options, TimeProvider.System, CancellationToken.None);
        SystemKeys keys = await SystemKeys.OpenAsync(main, backend, CancellationToken.None);
        return new AuditParts(module, backend, keys, main, audit, options, await AuditRatchet.OpenAsync(backend, keys.MacKey, CancellationToken.None));
    }

    /// <summary>Clients with a signer and a key each.</summary>
    internal async Task<Func<Task>[]> MakeClientsAsync(KeyAlgorithm algorithm, bool isAudited)
    {
        (CredentialAuthorization authorization, HashSigning signing) = Compose(isAudited ? _log : new NoAuditLog());
        Func<Task>[] clients = new Func<Task>[BenchPlan.MostClients];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = await MakeClientAsync(algorithm, authorization, signing);
        }

        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _checkpoints.DisposeAsync();
        await _module.DisposeAsync();
        _keys.Dispose();
        await _backend.DisposeAsync();
        _main.Dispose();
        _auditTable.Dispose();
    }

    /// <summary>As <see cref="ActivationModule"/> does it.</summary>
    private (CredentialAuthorization Authorization, HashSigning Signing) Compose(IAuditLog audit)
    {
        SealedRows rows = new(_main, new RowSealer(_keys.Envelope));
        SadCodec sads = new(_keys.Envelope, _keys.Epoch);
        PinCheck pins = new(rows, new Argon2idHash(), _backend, _options.Pin, TimeProvider.System);
        KeyBinding bindings = new(_keys.Identity);
        RevocationCheck revocation = new(_options.Certificates, new NoRevocationSource());
        DeviceCheck devices = new(rows, new DeviceBinding(_keys.Identity), _keys.DeploymentId);
        UsedChallenges used = new(rows, audit);
        DirectApproval approvals = new(rows, _keys.Envelope, devices, sads, pins, used, audit, _options.Activation);
        FactorDecryption decryption = new(new FactorKeys(_backend, rows, _keys, _options.Encryption, own: null, TimeProvider.System), devices, _keys.Envelope, _options.Encryption);
        FactorCheck factors = new(rows, pins, new TotpCheck(rows, _backend), devices, decryption, _keys.Envelope, used, _options.Activation);
        ConfigurationGate configuration = new(new DeploymentAnchor(rows, _keys, _backend, _backend), rows, running: null, audit, TimeProvider.System);
        return (
            new CredentialAuthorization(rows, configuration, factors, sads, bindings, revocation, _keys.Envelope, devices, approvals, audit, _options),
            new HashSigning(rows, configuration, sads, new KeyBackendGuard(_backend), bindings, revocation, new HsmGate(_options.Activation.MaxDigestsInHand), audit, _options.Activation, TimeProvider.System));
    }

    private async Task<Func<Task>> MakeClientAsync(KeyAlgorithm algorithm, CredentialAuthorization authorization, HashSigning signing)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"signer-{_signers++}");
        _ = ClientId.TryParse("bench", out ClientId client);
        _ = (await _module.Clients.SetApprovedAsync(client, approved: true, CancellationToken.None)).Value;
        SignerId signer = (await _module.RegisterAsync(name, LinkedClients.Of(client), CancellationToken.None)).Value;
        SecretText pin = new(RandomNumberGenerator.GetHexString(16));
        _ = (await _module.SetPinAsync(signer, pin, CancellationToken.None)).Value;
        (CredentialId credential, SigningKey key) = (await _module.CreateCredentialAsync(signer, algorithm, multisign: 1, description: null, CancellationToken.None)).Value;
        _ = (await _module.SetCertificateAsync(credential, [Testing.Csc.TestCa.Issue(key.SubjectPublicKeyInfo, SignerSteps.RegisteredName)], CancellationToken.None)).Value;

        Caller caller = new(client, Login: null);
        SignatureAlgorithm signature = SignatureAlgorithm.All.First(a => a.Fits(algorithm));
        _ = Digest.TryCreate(HashAlgorithm.Sha256, RandomNumberGenerator.GetBytes(32), out Digest? digest);
        AuthorizeRequest authorize = new(caller, credential, 1, [digest!], pin);
        return async () =>
        {
            SecretText sad = (await authorization.AuthorizeAsync(authorize, CancellationToken.None)).Value.Sad;
            _ = (await signing.SignAsync(new SignHashRequest(caller, credential, sad, [digest!], signature), CancellationToken.None)).Value;
        };
    }

    /// <summary>Keeps nothing: what the audit's cost is measured against.</summary>
    private sealed class NoAuditLog : IAuditLog
    {
        public bool IsFailing => false;

        public Task<ChainHead> AppendAsync(AuditRecord record) => Task.FromResult(new ChainHead(string.Empty, 0, default));
    }
}
