using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Encryption;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Sealing;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Audit;
using Sam.Testing.Hsm;
using Sam.Testing.InMemory;
using Sam.Testing.TestBed;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>
/// The module on a SoftHSM token of its own through a shim, with tables in memory and a clock that the test turns: thousands of signatures, and no time passes.
/// </summary>
internal sealed class ModuleOnHsm : IAsyncDisposable
{
    private readonly InMemoryRowStore _rows;
    private readonly InMemoryRowStore _audit;
    private readonly Caller _caller;
    private readonly SoftHsmFixture _token;
    private Pkcs11KeyBackend _hsm = null!;
    private ActivationModule _sam = null!;
    private SystemKeys _keys = null!;

    private ModuleOnHsm(SoftHsmFixture token)
    {
        _token = token;
        Shim = token.CreateShim();
        _rows = new InMemoryRowStore(Clock);
        _audit = new InMemoryRowStore(Clock);
        _caller = new Caller(SamTestBed.Id("sca"), Login: null);
    }

    internal TestClock Clock { get; } = new();

    internal Pkcs11Shim Shim { get; }

    internal TestSigner Signer { get; private set; } = null!;

    /// <summary>How many sessions stayed open when all was closed.</summary>
    internal int? OpenAtEnd { get; private set; }

    /// <summary>How many objects the token holds.</summary>
    internal int CountObjects() => _token.CountObjects();

    internal static async Task<ModuleOnHsm> OpenAsync(int maxSessions, ActivationModuleOptions? options = null, int multisign = 100)
    {
        SoftHsmFixture token = new();
        await token.InitializeAsync();
        ModuleOnHsm bed = new(token);
        bed._hsm = await Pkcs11KeyBackend.OpenAsync(
            new Pkcs11Options { ModulePath = bed.Shim.ModulePath, TokenLabel = token.TokenLabel, PinFile = token.PinFile, MaxSessions = maxSessions },
            bed.Clock,
            CancellationToken.None);
        bed._sam = await ActivationModule.OpenAsync(
            bed._rows, bed._audit, bed._hsm, new Pbkdf2TestHash(), (options ?? new ActivationModuleOptions()) with { Certificates = new CertificatePolicy { AcceptAnyChain = true }, Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None } }, bed.Clock, CancellationToken.None);
        bed._keys = await SystemKeys.OpenAsync(bed._rows, bed._hsm, CancellationToken.None);
        await bed.RegisterAsync(multisign);
        return bed;
    }

    internal async Task<SecretText> AuthorizeAsync(params Digest[] digests) =>
        (await _sam.AuthorizeAsync(new AuthorizeRequest(_caller, Signer.Credential, digests.Length, digests, Signer.Pin), CancellationToken.None)).Value.Sad;

    /// <summary>As many SADs for one digest each, one after the other: one signer's authorizations would only stand in each other's way.</summary>
    internal async Task<(SecretText Sad, Digest Digest)[]> AuthorizeManyAsync(int count)
    {
        (SecretText, Digest)[] sads = new (SecretText, Digest)[count];
        for (int i = 0; i < count; i++)
        {
            Digest digest = Digests.Of($"document {i}");
            sads[i] = (await AuthorizeAsync(digest), digest);
        }

        return sads;
    }

    /// <summary>What a client is told: null for signatures, which are verified here; otherwise the cause.</summary>
    internal async Task<SamErrorCode?> SignAsync(SecretText sad, params Digest[] digests)
    {
        try
        {
            Result<IReadOnlyList<byte[]>> signed = await _sam.SignHashAsync(
                new SignHashRequest(_caller, Signer.Credential, sad, digests, SignatureAlgorithm.EcdsaSha256), CancellationToken.None);
            return signed.IsRefused(out Refusal? refusal, out IReadOnlyList<byte[]>? signatures) ? refusal.Code
                : digests.Zip(signatures).All(pair => Signer.Verifies(pair.First, pair.Second, SignatureAlgorithm.EcdsaSha256)) ? null
                : SamErrorCode.SignatureNotVerified;
        }
        catch (KeyBackendException)
        {
            // The pipeline's word for it.
            return SamErrorCode.HsmUnavailable;
        }
    }

    /// <summary>The next SAD of a transaction, for all that is left.</summary>
    internal async Task<IssuedSad> ExtendAsync(SecretText sad) => (await _sam.ExtendAsync(new ExtendRequest(_caller, Signer.Credential, sad, null), CancellationToken.None)).Value;

    /// <summary>The MAC of the pepper key over nothing in particular: what every PIN goes through.</summary>
    internal async Task<byte[]?> MacAsync()
    {
        try
        {
            return await _hsm.ComputeMacAsync(_keys.Pepper, "data"u8.ToArray(), CancellationToken.None);
        }
        catch (KeyBackendException)
        {
            return null;
        }
    }

    internal IReadOnlyList<AuditRecord> AuditRecords() => AuditTrail.Open(_audit.Attacker.Rows(), _keys);

    /// <summary>Ends as a host does: the module first, the HSM after it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Clock.TurnUntilAsync(_sam.DisposeAsync().AsTask());
        _keys.Dispose();
        await _hsm.DisposeAsync();
        OpenAtEnd = Shim.OpenSessions();
        await _token.DisposeAsync();
    }

    private async Task RegisterAsync(int multisign)
    {
        using TestCa ca = new(Clock.GetUtcNow().AddYears(-1));
        _ = (await _sam.Clients.SetApprovedAsync(_caller.Client, approved: true, CancellationToken.None)).Value;
        SignerId signer = (await _sam.RegisterAsync("alice", LinkedClients.Of(_caller.Client), CancellationToken.None)).Value;
        SecretText pin = SamTestBed.NewPin();
        _ = (await _sam.SetPinAsync(signer, pin, CancellationToken.None)).Value;
        (CredentialId credential, SigningKey key) =
            (await _sam.CreateCredentialAsync(signer, KeyAlgorithm.P256, multisign, "for tests", CancellationToken.None)).Value;
        byte[] certificate = ca.Issue(key.SubjectPublicKeyInfo.Span, "Test signer", Clock.GetUtcNow().AddDays(-1), Clock.GetUtcNow().AddYears(1));
        _ = (await _sam.SetCertificateAsync(credential, [certificate, ca.Certificate], CancellationToken.None)).Value;
        Signer = new TestSigner("alice", signer, pin, credential, key, certificate);
    }
}
