using System.Security.Cryptography;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.Audit;
using Sam.Testing.InMemory;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.Testing.TestBed;

/// <summary>
/// A SAM over tables and keys in memory, under a clock that the test turns: what a test of the domain starts from.
/// The module sees <see cref="Rows"/>, <see cref="Audit"/> and <see cref="Hsm"/>, which can be made to fail; the attacker works on <see cref="Table"/>.
/// </summary>
public sealed class SamTestBed : IAsyncDisposable
{
    private readonly Lazy<TestCa> _ca;
    private readonly List<ActivationModule> _modules = [];
    private readonly ActivationModuleOptions _options;
    private SystemKeys? _keys;

    private SamTestBed(ActivationModuleOptions options, SoftwareKeyBackend keys)
    {
        _options = options;
        _ca = new Lazy<TestCa>(() => new TestCa(Clock.GetUtcNow().AddYears(-1)));
        Keys = keys;
        Table = new InMemoryRowStore(Clock);
        AuditTable = new InMemoryRowStore(Clock);
        Rows = new FaultyRowStore(Table);
        Audit = new FaultyRowStore(AuditTable);
        Hsm = new FaultyKeyBackend<SoftwareKeyBackend>(Keys);
    }

    /// <summary>The clock of module and tables. It stands still until the test turns it.</summary>
    public TestClock Clock { get; } = new();

    /// <summary>The tables.</summary>
    public InMemoryRowStore Table { get; }

    /// <summary>The audit table.</summary>
    public InMemoryRowStore AuditTable { get; }

    /// <summary>The way from the module to the tables.</summary>
    public FaultyRowStore Rows { get; }

    /// <summary>The way from the module to the audit table.</summary>
    public FaultyRowStore Audit { get; }

    /// <summary>The keys.</summary>
    public SoftwareKeyBackend Keys { get; }

    /// <summary>The way from the module to the keys.</summary>
    public FaultyKeyBackend<SoftwareKeyBackend> Hsm { get; }

    /// <summary>In place of Argon2id.</summary>
    public Pbkdf2TestHash PasswordHash { get; } = new();

    /// <summary>The module under test.</summary>
    public ActivationModule Sam => _modules[0];

    /// <summary>An approved client that every signer is linked to.</summary>
    public ClientId Client { get; } = Id("sca");

    /// <summary>The client with a token of its own.</summary>
    public Caller Caller => new(Client, Login: null);

    internal SystemKeys SystemKeys => _keys ?? throw new InvalidOperationException("Open the bed first.");

    /// <summary>The tables as the module itself reads and writes them: for states that no call leads to yet.</summary>
    internal SealedRows SealedRows => new(Table, new RowSealer(SystemKeys.Envelope));

    /// <summary>A SAM on empty tables, with one approved client.</summary>
    /// <param name="options">Times and limits.</param>
    /// <param name="encryption">Which factors must be encrypted; none, where a test is of something else.</param>
    public static async Task<SamTestBed> OpenAsync(ActivationModuleOptions? options = null, EncryptionPolicy? encryption = null)
    {
        ActivationModuleOptions lax = (options ?? new ActivationModuleOptions()) with
        {
            Keys = new KeyPolicy { Algorithms = [.. KeyAlgorithm.All.Select(a => a.Name)] },
            Certificates = new CertificatePolicy { AcceptAnyChain = true },
            Encryption = encryption ?? new EncryptionPolicy { Demand = EncryptionDemand.None },
        };
        SamTestBed bed = new(lax, new SoftwareKeyBackend());
        _ = await bed.OpenProcessAsync();
        bed.Know(await SystemKeys.OpenAsync(bed.Table, bed.Keys, CancellationToken.None));
        _ = (await bed.Sam.Clients.SetApprovedAsync(bed.Client, approved: true, CancellationToken.None)).Value;
        return bed;
    }

    /// <summary>
    /// A SAM of its own on a copy of this one's tables and keys: for tests that begin often, and each time at the same point. It is for a bed whose clock stands where it
    /// stood when its rows were written.
    /// </summary>
    public async Task<SamTestBed> CopyAsync()
    {
        SamTestBed copy = new(_options, Keys.Copy());
        foreach (StoredRow row in Table.Attacker.Rows())
        {
            _ = copy.Table.Attacker.WriteBack(row);
        }

        _ = await copy.OpenProcessAsync();
        copy.Know(await SystemKeys.OpenAsync(copy.Table, copy.Keys, CancellationToken.None));
        return copy;
    }

    /// <summary>Another process of the same deployment: same tables, same HSM, same clock.</summary>
    public async Task<ActivationModule> OpenProcessAsync(ActivationModuleOptions? options = null)
    {
        ActivationModule module = await ActivationModule.OpenAsync(Rows, Audit, Hsm, PasswordHash, options is null ? _options : options with { Encryption = _options.Encryption }, Clock, CancellationToken.None);
        _modules.Add(module);
        return module;
    }

    /// <summary>A client id.</summary>
    public static ClientId Id(string client) => ClientId.TryParse(client, out ClientId id) ? id : throw new ArgumentException("Not a client id.", nameof(client));

    /// <summary>A user's login at the issuer of all tests.</summary>
    public static LoginName Login(string user) => LoginName.TryCreate("https://issuer.test", user, out LoginName? login) ? login : throw new ArgumentException("Not a login.", nameof(user));

    /// <summary>A PIN of 20 random characters.</summary>
    public static SecretText NewPin() => new(RandomNumberGenerator.GetHexString(20));

    /// <summary>Approves another client.</summary>
    public async Task<Caller> AddClientAsync(string client)
    {
        _ = (await Sam.Clients.SetApprovedAsync(Id(client), approved: true, CancellationToken.None)).Value;
        return new Caller(Id(client), Login: null);
    }

    /// <summary>Registers a signer with a PIN and a certified credential.</summary>
    public async Task<TestSigner> AddSignerAsync(string userId = "alice", KeyAlgorithm? algorithm = null, int multisign = 10, LinkedClients? clients = null)
    {
        SignerId signer = (await Sam.RegisterAsync(userId, clients ?? LinkedClients.Of(Client), CancellationToken.None)).Value;
        SecretText pin = NewPin();
        _ = (await Sam.SetPinAsync(signer, pin, CancellationToken.None)).Value;
        return await AddCredentialAsync(userId, signer, pin, algorithm ?? KeyAlgorithm.P256, multisign);
    }

    /// <summary>Gives a signer one more credential, certified.</summary>
    public Task<TestSigner> AddCredentialAsync(string userId, SignerId signer, SecretText pin, KeyAlgorithm algorithm, int multisign = 10) =>
        AddCredentialAsync(userId, signer, pin, new CredentialRequest(algorithm, multisign, "for tests"));

    /// <summary>Gives a signer one more credential, certified.</summary>
    public async Task<TestSigner> AddCredentialAsync(string userId, SignerId signer, SecretText pin, CredentialRequest request)
    {
        (CredentialId credential, SigningKey key) = (await Sam.Credentials.CreateAsync(signer, request, Actor.Sam, CancellationToken.None)).Value;
        byte[] certificate = IssueCertificate(key, Clock.GetUtcNow().AddDays(-1), Clock.GetUtcNow().AddYears(1));
        _ = (await Sam.SetCertificateAsync(credential, [certificate, _ca.Value.Certificate], CancellationToken.None)).Value;
        return new TestSigner(userId, signer, pin, credential, key, certificate);
    }

    /// <summary>A certificate of the bed's CA for a key of the SAM.</summary>
    public byte[] IssueCertificate(SigningKey key, DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        _ca.Value.Issue(key.SubjectPublicKeyInfo.Span, "Test signer", notBefore, notAfter);

    /// <summary>An authorization that nothing stands against.</summary>
    public AuthorizeRequest AuthorizationOf(TestSigner signer, params Digest[] digests) => new(Caller, signer.Credential, digests.Length, digests, signer.Pin);

    /// <summary>A SAD for these digests.</summary>
    public async Task<SecretText> AuthorizeAsync(TestSigner signer, params Digest[] digests) =>
        (await Sam.AuthorizeAsync(AuthorizationOf(signer, digests), CancellationToken.None)).Value.Sad;

    /// <summary>A SAD that no authorization was asked for: as if it had been given while the credential's row had this version.</summary>
    internal async Task<SecretText> IssueAsync(TestSigner signer, RowETag credential, DateTimeOffset expiresAt, params Digest[] digests)
    {
        TransactionId id = TransactionId.New();
        uint purgeMinute = TransactionRows.PurgeMinute(expiresAt.AddHours(1));
        TransactionRow row = TransactionRow.Begin(AuthorizationOf(signer, digests), credential, expiresAt, expiresAt);
        RowETag etag = (await SealedRows.InsertAsync(TransactionRows.Address(id, purgeMinute), RowSchemas.Transaction, row, CancellationToken.None)).Value;
        return new SadCodec(SystemKeys.Envelope, SystemKeys.Epoch).Mint(id, purgeMinute, row.Generation, etag, expiresAt);
    }

    /// <summary>A signer's counters as they stand in the table.</summary>
    internal async Task<CountersRow> CountersAsync(TestSigner signer) =>
        (await SealedRows.ReadAsync(SignerRows.Counters(signer.Id), RowSchemas.Counters, CancellationToken.None)).Value.Value;

    /// <summary>A request to sign that fits the signer's key and the digests.</summary>
    public SignHashRequest SigningOf(TestSigner signer, SecretText sad, params Digest[] digests) =>
        new(Caller, signer.Credential, sad, digests, AlgorithmFor(signer.Key.Algorithm, digests[0].Algorithm));

    /// <summary>Signs.</summary>
    public Task<Result<IReadOnlyList<byte[]>>> SignAsync(TestSigner signer, SecretText sad, params Digest[] digests) =>
        Sam.SignHashAsync(SigningOf(signer, sad, digests), CancellationToken.None);

    /// <summary>All audit records of all processes, decrypted, chain by chain in their order.</summary>
    public IReadOnlyList<AuditRecord> AuditRecords() => AuditTrail.Open(AuditTable.Attacker.Rows(), SystemKeys);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whatever the test let fail is mended, and the audit's pauses pass, so that nothing waits for the clock on the wall.
        (Rows.Before, Rows.After, Rows.Fate) = (null, null, null);
        (Audit.Before, Audit.After, Audit.Fate) = (null, null, null);

        // In one go, for the last stops are looked at only then: turned a little at a time it is most of a short test.
        Clock.Advance(StandingStops.Delay);
        foreach (ActivationModule module in _modules)
        {
            await Clock.TurnUntilAsync(module.DisposeAsync().AsTask());
        }

        _keys?.Dispose();
        if (_ca.IsValueCreated)
        {
            _ca.Value.Dispose();
        }

        await Keys.DisposeAsync();
    }

    private void Know(SystemKeys keys)
    {
        _keys = keys;
        Hsm.OwnKey = Keys.OwnKey = keys.Identity.Key;
    }

    private static SignatureAlgorithm AlgorithmFor(KeyAlgorithm key, HashAlgorithm hash) => SignatureAlgorithm.All.First(a => a.Fits(key) && a.Hash == hash);
}
