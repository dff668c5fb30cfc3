using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;
using Sam.Testing.Hsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>What the HSM itself says of the keys, to this process and to another one, and what it refuses to do with them.</summary>
[Trait("Requirement", "REG-3")]
public sealed class Pkcs11KeyAttributeTests(SoftHsmFixture token) : IAsyncLifetime
{
    private static readonly Dictionary<CKA, bool> _secret = new()
    {
        [CKA.CKA_TOKEN] = true,
        [CKA.CKA_PRIVATE] = true,
        [CKA.CKA_SENSITIVE] = true,
        [CKA.CKA_ALWAYS_SENSITIVE] = true,
        [CKA.CKA_EXTRACTABLE] = false,
        [CKA.CKA_NEVER_EXTRACTABLE] = true,
        [CKA.CKA_LOCAL] = true,
        [CKA.CKA_MODIFIABLE] = false,
        [CKA.CKA_DECRYPT] = false,
        [CKA.CKA_DERIVE] = false,
    };

    private Pkcs11KeyBackend _backend = null!;
    private Token _raw = null!;
    private Session _session = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Pkcs11Shim shim = token.CreateShim();
        _backend = await Pkcs11KeyBackend.OpenAsync(token.Options(shim), TimeProvider.System, Cancellation);
        _raw = Token.Open(shim.ModulePath, token.TokenLabel, System.Text.Encoding.ASCII.GetBytes(token.Pin));
        _session = _raw.OpenSession();
    }

    public async ValueTask DisposeAsync()
    {
        _session.Close();
        _raw.Close();
        await _backend.DisposeAsync();
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    public async Task A_signing_key_never_leaves_and_only_signs(string name)
    {
        SigningKey key = await GenerateAsync(name);

        AssertAttributes(key.Reference, CKO.CKO_PRIVATE_KEY, new Dictionary<CKA, bool>(_secret)
        {
            [CKA.CKA_SIGN] = true,
            [CKA.CKA_SIGN_RECOVER] = false,
            [CKA.CKA_UNWRAP] = false,
        });
        AssertAttributes(key.Reference, CKO.CKO_PUBLIC_KEY, new Dictionary<CKA, bool>
        {
            [CKA.CKA_PRIVATE] = true,
            [CKA.CKA_VERIFY] = true,
            [CKA.CKA_VERIFY_RECOVER] = false,
            [CKA.CKA_ENCRYPT] = false,
            [CKA.CKA_WRAP] = false,
            [CKA.CKA_DERIVE] = false,
            [CKA.CKA_MODIFIABLE] = false,
        });
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Fact]
    public async Task An_agreement_key_never_leaves_and_only_agrees()
    {
        KeyReference key = await _backend.CreateAgreementKeyAsync(Cancellation);

        AssertAttributes(key, CKO.CKO_PRIVATE_KEY, new Dictionary<CKA, bool>(_secret)
        {
            [CKA.CKA_DERIVE] = true,
            [CKA.CKA_SIGN] = false,
            [CKA.CKA_SIGN_RECOVER] = false,
            [CKA.CKA_UNWRAP] = false,
        });
        AssertAttributes(key, CKO.CKO_PUBLIC_KEY, new Dictionary<CKA, bool>
        {
            [CKA.CKA_PRIVATE] = true,
            [CKA.CKA_VERIFY] = false,
            [CKA.CKA_ENCRYPT] = false,
            [CKA.CKA_WRAP] = false,
            [CKA.CKA_DERIVE] = false,
            [CKA.CKA_MODIFIABLE] = false,
        });
        await _backend.DestroyKeyAsync(key, Cancellation);
    }

    [Fact]
    public async Task A_wrapping_key_never_leaves_and_only_wraps()
    {
        KeyReference key = await _backend.CreateWrappingKeyAsync(Cancellation);

        AssertAttributes(key, CKO.CKO_SECRET_KEY, new Dictionary<CKA, bool>(_secret)
        {
            [CKA.CKA_WRAP] = true,
            [CKA.CKA_UNWRAP] = true,
            [CKA.CKA_ENCRYPT] = false,
            [CKA.CKA_SIGN] = false,
            [CKA.CKA_VERIFY] = false,
        });
        await _backend.DestroyKeyAsync(key, Cancellation);
    }

    [Fact]
    public async Task A_mac_key_never_leaves_and_only_makes_macs()
    {
        KeyReference key = await _backend.CreateMacKeyAsync(Cancellation);

        AssertAttributes(key, CKO.CKO_SECRET_KEY, new Dictionary<CKA, bool>(_secret)
        {
            [CKA.CKA_SIGN] = true,
            [CKA.CKA_VERIFY] = false,
            [CKA.CKA_WRAP] = false,
            [CKA.CKA_UNWRAP] = false,
            [CKA.CKA_ENCRYPT] = false,
        });
        await _backend.DestroyKeyAsync(key, Cancellation);
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    public async Task Another_process_sees_the_key_sensitive_never_extractable_and_local(string name)
    {
        SigningKey key = await GenerateAsync(name);

        string listed = await Pkcs11ToolAsync("--login", "--pin", "env:SAM_TEST_PIN", "--list-objects", "--type", "privkey", "--id", key.Reference.Value);

        Assert.Contains("sensitive, always sensitive, never extractable, local", listed, StringComparison.Ordinal);
        Assert.Contains("Usage:      sign\n", listed, StringComparison.Ordinal);
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Fact]
    public async Task The_value_of_a_key_cannot_be_read()
    {
        SigningKey key = await GenerateAsync("p256");
        ulong handle = HandleOf(key.Reference, CKO.CKO_PRIVATE_KEY);

        Assert.Equal(CKR.CKR_ATTRIBUTE_SENSITIVE, Assert.Throws<CkException>(() => _session.GetAttribute(handle, CKA.CKA_VALUE)).Code);

        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Fact]
    public async Task An_attribute_of_a_key_cannot_be_changed_even_with_the_pin()
    {
        SigningKey key = await GenerateAsync("p256");

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Pkcs11ToolAsync(
            "--login", "--pin", "env:SAM_TEST_PIN", "--type", "privkey", "--id", key.Reference.Value, "--set-id", "00"));

        // CKR_ACTION_PROHIBITED; OpenSC 0.23 does not know its name.
        Assert.Contains("(0x1b)", refusal.Message, StringComparison.Ordinal);
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Theory]
    [InlineData(CKM.CKM_RSA_X_509)]
    [InlineData(CKM.CKM_SHA1_RSA_PKCS)]
    [InlineData(CKM.CKM_SHA256_RSA_PKCS)]
    public async Task A_signing_key_refuses_mechanisms_that_the_sam_does_not_use(CKM mechanism)
    {
        SigningKey key = await GenerateAsync("rsa2048");
        ulong handle = HandleOf(key.Reference, CKO.CKO_PRIVATE_KEY);

        CkException refusal = Assert.Throws<CkException>(() => _session.Sign(new CK_MECHANISM { Mechanism = (ulong)mechanism }, handle, new byte[256]));

        Assert.Equal("C_SignInit", refusal.Function);
        Assert.Equal(CKR.CKR_MECHANISM_INVALID, refusal.Code);
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Fact]
    [Trait("Requirement", "REG-4")]
    public async Task A_public_key_that_a_stranger_puts_beside_it_is_not_taken_for_the_keys_own()
    {
        SigningKey key = await GenerateAsync("p256");
        SigningKey stranger = await GenerateAsync("p256");
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, stranger.SubjectPublicKeyInfo, Cancellation);

        // Without a PIN, as anybody who reaches the token can.
        await Pkcs11ToolAsync("--write-object", file, "--type", "pubkey", "--id", key.Reference.Value);

        await using IKeyBackend fresh = await token.OpenAsync(Cancellation);
        Assert.Equal(key.SubjectPublicKeyInfo, await fresh.GetPublicKeyAsync(key.Reference, Cancellation));
        Assert.Single(await fresh.SignDigestsAsync(key.Reference, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation));
        File.Delete(file);
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
        await _backend.DestroyKeyAsync(stranger.Reference, Cancellation);
    }

    private Task<SigningKey> GenerateAsync(string name)
    {
        Assert.True(KeyAlgorithm.TryFromName(name, out KeyAlgorithm? algorithm));
        return _backend.GenerateKeyAsync(KeyName.New(), algorithm, Cancellation);
    }

    private ulong HandleOf(KeyReference key, CKO kind) => Assert.Single(_raw.Keys.Search(_session, key, kind));

    private void AssertAttributes(KeyReference key, CKO kind, Dictionary<CKA, bool> expected)
    {
        ulong handle = HandleOf(key, kind);
        Assert.All(expected, attribute => Assert.Equal(
            (attribute.Key, attribute.Value), (attribute.Key, _session.GetAttribute(handle, attribute.Key) is [1])));
    }

    private Task<string> Pkcs11ToolAsync(params string[] arguments) => Tool.RunAsync(
        "pkcs11-tool",
        ["--module", token.ModulePath, "--token-label", token.TokenLabel, .. arguments],
        new Dictionary<string, string> { ["SAM_TEST_PIN"] = token.Pin },
        Cancellation);
}
