using Sam.Core.Activation;
using Sam.Core.Anchoring;
using Sam.Core.Approvals;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Configuration;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Officers;
using Sam.Core.Randomness;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core;

/// <summary>
/// The signature activation module: everything between an HTTP edge on one side and an HSM and two row stores on the other.
/// Opening it touches both, so a host opens it before it takes requests, or with the first one.
/// </summary>
public sealed class ActivationModule : IAsyncDisposable
{
    // An HSM's signatures per second are few, and every instance is asked.
    private static readonly TimeSpan _keyUseInterval = TimeSpan.FromSeconds(30);

    private readonly SystemKeys _keys;
    private readonly PinCheck _pins;
    private readonly AuditLog _audit;
    private readonly AuditCheckpoints? _checkpoints;
    private readonly StandingStops _stops;
    private readonly ConfigurationGate _configuration;
    private readonly CredentialAuthorization _authorization;
    private readonly HashSigning _signing;
    private readonly TransactionExtension _extension;
    private readonly CredentialCatalog _catalog;
    private readonly IKeyBackend _backend;
    private readonly IMacKeys _mac;
    private readonly TimeProvider _time;
    private readonly IRowStore _rowStore;
    private readonly IRowStore _auditStore;
    private long? _keyUsedAt;

    private ActivationModule(SystemKeys keys, IRowStore rowStore, IRowStore auditStore, IKeyBackend backend, IMacKeys mac, IHsmAnchor hsmAnchor, IPasswordHash passwordHash, ActivationModuleOptions options, TimeProvider time, IRevocationSource authorities, AuditRatchet ratchet, AuditSurroundings surroundings, RunningConfiguration? running)
    {
        _keys = keys;
        _backend = backend;
        _mac = mac;
        _time = time;
        _rowStore = rowStore;
        _auditStore = auditStore;
        RowSealer sealer = new(keys.Envelope);
        SealedRows rows = new(rowStore, sealer);
        SadCodec sads = new(keys.Envelope, keys.Epoch);
        _audit = new AuditLog(auditStore, sealer, time, ratchet);
        _stops = new StandingStops(rows, _audit, time);
        _checkpoints = options.Audit.CheckpointInterval == TimeSpan.Zero ? null : new AuditCheckpoints(auditStore, _audit, keys.Identity, options.Audit, surroundings, time);
        _pins = new PinCheck(rows, passwordHash, mac, options.Pin, time);
        KeyBinding bindings = new(keys.Identity);
        KeyBackendGuard guard = new(backend);
        RevocationCheck revocation = new(options.Certificates, authorities);
        TotpCheck totps = new(rows, mac);
        DeviceBinding deviceBindings = new(keys.Identity);
        DeviceCheck devices = new(rows, deviceBindings, keys.DeploymentId);
        UsedChallenges used = new(rows, _audit);
        Approvals = new DirectApproval(rows, keys.Envelope, devices, sads, _pins, used, _audit, options.Activation);
        OwnFactorKeys? own = backend is IKeyAgreement agreement ? new OwnFactorKeys(rows, backend, agreement, keys.Identity, options.Encryption, _audit) : null;
        FactorKeys = new FactorKeys(backend, rows, keys, options.Encryption, own, time);
        FactorDecryption decryption = new(FactorKeys, devices, keys.Envelope, options.Encryption);
        DeploymentAnchor anchor = new(rows, keys, hsmAnchor, mac);
        _configuration = new ConfigurationGate(anchor, rows, running, _audit, time);
        Configuration = new ConfigurationRegistry(anchor, running);
        _authorization = new CredentialAuthorization(rows, _configuration, new FactorCheck(rows, _pins, totps, devices, decryption, keys.Envelope, used, options.Activation), sads, bindings, revocation, keys.Envelope, devices, Approvals, _audit, options);
        _signing = new HashSigning(rows, _configuration, sads, guard, bindings, revocation, new HsmGate(options.Activation.MaxDigestsInHand), _audit, options.Activation, time);
        _extension = new TransactionExtension(rows, _configuration, sads, _audit, options.Activation);
        Signers = new SignerRegistry(rows, _stops, _audit);
        Enrolment = new Enrolment(rows, _stops, _pins, totps, keys.Pepper, deviceBindings, keys.DeploymentId, _audit);
        Clients = new ClientRegistry(rows, _audit);
        Officers = new OfficerRegistry(anchor, rows, keys, _audit, options.Officers, running);
        KeyCreation creation = new(rows, backend, bindings, anchor, _audit, options.Keys, options.Levels);
        Credentials = new CredentialRegistry(rows, backend, creation, bindings, anchor, _stops, _audit, new Certification(rows, guard, bindings, options.Certificates, revocation, _audit));
        Imports = new KeyImporting(rows, backend, creation, keys.Envelope, options.Keys, _audit);
        Identity = new IdentityOfModule(rows, keys);
        Own = new SignersCredentials(rows, Credentials, _pins, keys.Envelope, used, _audit);
        Proposals = new ProposalRegistry(anchor, rows, Clients, _audit, options.Officers);
        Creations = new Creations(rows, _audit);
        Audit = new AuditReader(auditStore, sealer, rows, keys, _audit);
        _catalog = new CredentialCatalog(rows, Signers);
    }

    /// <summary>Registers signers, and says what state they are in.</summary>
    public SignerRegistry Signers { get; }

    /// <summary>How signers' factors come to be.</summary>
    public Enrolment Enrolment { get; }

    /// <summary>What waits for signers' decisions on their devices.</summary>
    public DirectApproval Approvals { get; }

    /// <summary>Which settings run, and which are approved.</summary>
    public ConfigurationRegistry Configuration { get; }

    /// <summary>The keys to which factors are encrypted.</summary>
    public FactorKeys FactorKeys { get; }

    /// <summary>Signers' keys and certificates, as officers see to them.</summary>
    public CredentialRegistry Credentials { get; }

    /// <summary>Takes in keys that were made elsewhere.</summary>
    public KeyImporting Imports { get; }

    /// <summary>What signers do with credentials of their own.</summary>
    public SignersCredentials Own { get; }

    /// <summary>Approves and stops clients.</summary>
    public ClientRegistry Clients { get; }

    /// <summary>What the SAM says in its own name, and how it is known.</summary>
    public IdentityOfModule Identity { get; }

    /// <summary>Privileged users.</summary>
    public OfficerRegistry Officers { get; }

    /// <summary>Changes that take two security officers.</summary>
    public ProposalRegistry Proposals { get; }

    /// <summary>Makes once what privileged users ask for several times.</summary>
    public Creations Creations { get; }

    /// <summary>Opens the audit to auditors.</summary>
    public AuditReader Audit { get; }

    /// <summary>Opens the deployment's keys, or makes them on an empty table, and starts an audit chain.</summary>
    /// <param name="rowStore">Signers, transactions and the rest.</param>
    /// <param name="auditStore">The audit table's own store.</param>
    /// <param name="backend">The HSM; it must also wrap, MAC and hold the anchor.</param>
    /// <param name="passwordHash">Argon2id.</param>
    /// <param name="options">Times and limits.</param>
    /// <param name="time">The monotonic clock. Dates come from the stores.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <param name="authorities">Who knows whether certificates were revoked; null: nobody.</param>
    /// <param name="surroundings">Who keeps the audit's heads; null: nobody.</param>
    /// <param name="running">The settings that this process runs with, to be held against those that are approved; null: nothing is held against anything.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    /// <exception cref="KeyBackendException">The HSM is away, or is not the one this deployment's keys were wrapped by.</exception>
    /// <exception cref="RowStoreException">The store is away, or its keyring was changed.</exception>
    /// <exception cref="AuditUnavailableException">The audit store is away.</exception>
    /// <exception cref="RandomnessException">The random numbers of the HSM are not good enough.</exception>
    public static async Task<ActivationModule> OpenAsync<TBackend>(
        IRowStore rowStore, IRowStore auditStore, TBackend backend, IPasswordHash passwordHash, ActivationModuleOptions options, TimeProvider time, CancellationToken cancellationToken,
        IRevocationSource? authorities = null, AuditSurroundings? surroundings = null, RunningConfiguration? running = null)
        where TBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor
    {
        if (options.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        await RandomSource.MixAsync(backend, cancellationToken);
        SystemKeys keys = await SystemKeys.OpenAsync(rowStore, backend, cancellationToken);
        AuditRatchet ratchet;
        try
        {
            ratchet = await AuditRatchet.OpenAsync(backend, keys.MacKey, cancellationToken);
        }
        catch
        {
            keys.Dispose();
            throw;
        }

        ActivationModule module = new(keys, rowStore, auditStore, backend, backend, backend, passwordHash, options, time, authorities ?? new NoRevocationSource(), ratchet, surroundings ?? new AuditSurroundings(), running);
        try
        {
            await module._audit.AppendAsync(new AuditRecord { Event = AuditEvent.ChainOpened, Detail = $"{Environment.MachineName} {Environment.ProcessId}" });
            return module;
        }
        catch
        {
            // A host tries again with the next request: each try must not leave a data key and a writer behind.
            await module.DisposeAsync();
            throw;
        }
    }

    /// <summary>Checks the signer's factor for these digests and issues a SAD.</summary>
    public Task<Result<IssuedSad>> AuthorizeAsync(AuthorizeRequest request, CancellationToken cancellationToken) =>
        _authorization.AuthorizeAsync(request, cancellationToken);

    /// <summary>Asks for the signer's approval on their device; gives the handle by which the SAD is fetched.</summary>
    public Task<Result<SecretText>> AskForApprovalAsync(AuthorizeRequest request, CancellationToken cancellationToken) =>
        _authorization.AskAsync(request, cancellationToken);

    /// <summary>A challenge for a client to carry to the signer's device, or to the page where the signer enters factors.</summary>
    public Task<Result<string>> ChallengeAsync(Caller caller, CredentialId credential, ChallengeUse use, CancellationToken cancellationToken) =>
        _authorization.ChallengeAsync(caller, credential, use, cancellationToken);

    /// <summary>The SAD of an approval that was asked for, once it was given.</summary>
    public Task<Result<Redeemed>> RedeemAsync(Caller caller, SecretText handle, CancellationToken cancellationToken) =>
        Approvals.RedeemAsync(caller, handle, cancellationToken);

    /// <summary>Spends a SAD and signs, in the order of the request: RSA at the modulus' length, ECDSA as DER.</summary>
    public Task<Result<IReadOnlyList<byte[]>>> SignHashAsync(SignHashRequest request, CancellationToken cancellationToken) =>
        _signing.SignAsync(request, cancellationToken);

    /// <summary>Exchanges a SAD for the next of its transaction.</summary>
    public Task<Result<IssuedSad>> ExtendAsync(ExtendRequest request, CancellationToken cancellationToken) =>
        _extension.ExtendAsync(request, cancellationToken);

    /// <summary>The credentials of a user.</summary>
    public Task<Result<IReadOnlyList<CredentialView>>> ListCredentialsAsync(Caller caller, string? userId, CancellationToken cancellationToken) =>
        _catalog.ListAsync(caller, userId, cancellationToken);

    /// <summary>One credential.</summary>
    public Task<Result<CredentialView>> FindCredentialAsync(Caller caller, CredentialId credential, CancellationToken cancellationToken) =>
        _catalog.FindAsync(caller, credential, cancellationToken);

    /// <summary>Asks the HSM and both stores whether they serve this SAM now.</summary>
    public async Task<ModuleHealth> CheckAsync(CancellationToken cancellationToken)
    {
        bool isApproved = false;
        Task<bool> hsm = AnswersAsync(() => UseHsmAsync(cancellationToken));
        Task<bool> storage = AnswersAsync(() => _rowStore.ReadAsync(SystemKeys.Address, cancellationToken));
        Task<bool> audit = AnswersAsync(() => _auditStore.ReadAsync(AuditChain.Address(_audit.ChainId, 0), cancellationToken));
        ModuleHealth health = new(await hsm, await storage, await audit);
        return _configuration.Running is { IsEnforced: true } && health is { Hsm: true, Storage: true }
            ? health with { Configuration = await AnswersAsync(async () => isApproved = await _configuration.FindObstacleAsync(cancellationToken) is null) && isApproved }
            : health;
    }

    /// <summary>Mixes random numbers of the HSM into those of this process; a host asks for it now and then.</summary>
    public Task RefreshRandomnessAsync(CancellationToken cancellationToken) => RandomSource.MixAsync(_backend, cancellationToken);

    /// <summary>Waits, up to 7 s, until the last stops were looked at once more, writes what the audit still holds, and clears the data key.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stops.DisposeAsync();
        await _audit.DisposeAsync();
        await (_checkpoints?.DisposeAsync() ?? ValueTask.CompletedTask);
        _pins.Dispose();
        FactorKeys.Dispose();
        _configuration.Dispose();
        _keys.Dispose();
    }

    /// <summary>An HSM may tell of itself and still use no key: so one is used now and then, which no PIN is right without.</summary>
    private async Task UseHsmAsync(CancellationToken cancellationToken)
    {
        await _backend.CheckAsync(cancellationToken);
        if (_keyUsedAt is { } last && _time.GetElapsedTime(last) < _keyUseInterval)
        {
            return;
        }

        _keyUsedAt = null;
        _ = await _mac.ComputeMacAsync(_keys.Pepper, "sam-readyz/1"u8.ToArray(), cancellationToken);
        _keyUsedAt = _time.GetTimestamp();
    }

    private static async Task<bool> AnswersAsync(Func<Task> ask)
    {
        try
        {
            await ask();
            return true;
        }
        catch (Exception away) when (away is KeyBackendException or RowStoreException)
        {
            return false;
        }
    }
}
