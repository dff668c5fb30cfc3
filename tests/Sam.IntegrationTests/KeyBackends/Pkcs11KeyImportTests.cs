using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;
using Sam.Testing.Conformance;
using Sam.Testing.Hsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>A token that only the tests of import use: what is in it is counted.</summary>
public sealed class ImportTokenFixture : IAsyncLifetime
{
    public SoftHsmFixture Hsm { get; } = new();

    public ValueTask InitializeAsync() => Hsm.InitializeAsync();

    public ValueTask DisposeAsync() => Hsm.DisposeAsync();
}

public sealed class Pkcs11KeyImportTests(ImportTokenFixture token) : KeyImportConformance, IClassFixture<ImportTokenFixture>
{
    private static readonly Dictionary<CKA, bool> _private = new()
    {
        [CKA.CKA_TOKEN] = true,
        [CKA.CKA_PRIVATE] = true,
        [CKA.CKA_SENSITIVE] = true,
        [CKA.CKA_EXTRACTABLE] = false,
        [CKA.CKA_MODIFIABLE] = false,
        [CKA.CKA_DECRYPT] = false,
        [CKA.CKA_DERIVE] = false,
        [CKA.CKA_SIGN_RECOVER] = false,
    };

    private static readonly Dictionary<CKA, bool> _public = new()
    {
        [CKA.CKA_TOKEN] = true,
        [CKA.CKA_PRIVATE] = true,
        [CKA.CKA_MODIFIABLE] = false,
        [CKA.CKA_VERIFY_RECOVER] = false,
        [CKA.CKA_ENCRYPT] = false,
        [CKA.CKA_WRAP] = false,
        [CKA.CKA_DERIVE] = false,
    };

    private Pkcs11Shim _shim = null!;

    private IKeyImport Import => (IKeyImport)Backend;

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p256")]
    public async Task The_hsm_says_of_an_imported_key_what_it_says_of_others_but_that_it_was_born_elsewhere(string kind)
    {
        Assert.True(KeyAlgorithm.TryFromName(kind, out KeyAlgorithm? algorithm));
        SigningKey key = await ImportAsync(algorithm);

        using RawView raw = new(_shim, token.Hsm);
        raw.AssertAttributes(key.Reference, CKO.CKO_PRIVATE_KEY, new Dictionary<CKA, bool>(_private)
        {
            [CKA.CKA_SIGN] = true,
            [CKA.CKA_UNWRAP] = false,
            [CKA.CKA_LOCAL] = false,
            [CKA.CKA_ALWAYS_SENSITIVE] = false,
            [CKA.CKA_NEVER_EXTRACTABLE] = false,
        });
        raw.AssertAttributes(key.Reference, CKO.CKO_PUBLIC_KEY, new Dictionary<CKA, bool>(_public) { [CKA.CKA_VERIFY] = true });
        Assert.Equal(CKR.CKR_ATTRIBUTE_SENSITIVE, raw.Refuses(key.Reference, kind == "p256" ? CKA.CKA_VALUE : CKA.CKA_PRIVATE_EXPONENT));
        Assert.Equal(
            kind == "p256" ? [CKM.CKM_ECDSA] : [CKM.CKM_RSA_PKCS, CKM.CKM_RSA_PKCS_PSS],
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(raw.Read(key.Reference, CKO.CKO_PRIVATE_KEY, CKA.CKA_ALLOWED_MECHANISMS)).ToArray().Select(m => (CKM)m).Order());
        await Backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Fact]
    public async Task An_exchange_key_never_leaves_and_only_unwraps()
    {
        (KeyReference exchange, _) = await CreateExchangeKeyAsync();

        using RawView raw = new(_shim, token.Hsm);
        raw.AssertAttributes(exchange, CKO.CKO_PRIVATE_KEY, new Dictionary<CKA, bool>(_private)
        {
            [CKA.CKA_SIGN] = false,
            [CKA.CKA_UNWRAP] = true,
            [CKA.CKA_LOCAL] = true,
            [CKA.CKA_ALWAYS_SENSITIVE] = true,
            [CKA.CKA_NEVER_EXTRACTABLE] = true,
        });
        raw.AssertAttributes(exchange, CKO.CKO_PUBLIC_KEY, new Dictionary<CKA, bool>(_public) { [CKA.CKA_VERIFY] = false });
    }

    [Fact]
    public async Task The_aes_key_of_a_transfer_dies_with_its_session_whatever_happens()
    {
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        int before = CountKeys();

        // It cannot be destroyed, so the session ends, and with it the key, which is no object of the token. What was taken in goes: its maker was told of a failure.
        _shim.Inject("C_DestroyObject", ShimFault.Fail((ulong)CKR.CKR_FUNCTION_FAILED));
        using System.Security.Cryptography.ECDsa source = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        await FailsAsync(
            KeyBackendFailure.Unavailable,
            () => Import.ImportKeyAsync(
                KeyName.New(), KeyAlgorithm.P256, exchange, KeyTransfer.Wrap(exchangeKey, source), source.ExportSubjectPublicKeyInfo(), Cancellation));

        Assert.Equal(before, CountKeys());
        Assert.Equal(2, _shim.Count("C_UnwrapKey"));
        using RawView raw = new(_shim, token.Hsm);
        Assert.Empty(raw.SessionKeys());
    }

    [Fact]
    public async Task A_fault_on_the_way_is_mended_or_leaves_nothing_behind()
    {
        (string Name, string Function, ShimFault Fault, bool TakenIn)[] table =
        [
            ("session closed before the AES key is unwrapped", "C_UnwrapKey", ShimFault.CloseSession, true),
            ("logged out before the AES key is unwrapped", "C_UnwrapKey", ShimFault.LogOut, true),
            ("device error after the AES key was unwrapped", "C_UnwrapKey", ShimFault.Lose((ulong)CKR.CKR_DEVICE_ERROR), true),
            ("session closed before the public key is made", "C_CreateObject", ShimFault.CloseSession, true),
            ("device error after the public key was made", "C_CreateObject", ShimFault.Lose((ulong)CKR.CKR_DEVICE_ERROR), true),
            ("function failed after the public key was made", "C_CreateObject", ShimFault.Lose((ulong)CKR.CKR_FUNCTION_FAILED), false),
            ("the proof's signature is wrong", "C_Sign", ShimFault.Flip, false),
            ("the proof cannot be made", "C_Sign", ShimFault.Fail((ulong)CKR.CKR_FUNCTION_FAILED), false),
        ];
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        int before = CountKeys();
        List<string> found = [];
        foreach ((string name, string function, ShimFault fault, _) in table)
        {
            using System.Security.Cryptography.ECDsa source = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            byte[] blob = KeyTransfer.Wrap(exchangeKey, source);
            _shim.Inject(function, fault);
            SigningKey? key = null;
            try
            {
                key = await Import.ImportKeyAsync(KeyName.New(), KeyAlgorithm.P256, exchange, blob, source.ExportSubjectPublicKeyInfo(), Cancellation);
            }
            catch (KeyBackendException)
            {
            }

            found.Add($"{name}: {(key is null ? "failed" : "taken in")}, {CountKeys() - before} objects more");
            if (key is not null)
            {
                await Backend.DestroyKeyAsync(key.Reference, Cancellation);
            }
        }

        Assert.Equal(table.Select(row => row.TakenIn ? $"{row.Name}: taken in, 2 objects more" : $"{row.Name}: failed, 0 objects more"), found);
    }

    protected override async Task<IKeyBackend> OpenAsync(CancellationToken cancellationToken)
    {
        _shim = token.Hsm.CreateShim();
        return await Pkcs11KeyBackend.OpenAsync(token.Hsm.Options(_shim), TimeProvider.System, cancellationToken);
    }

    protected override int CountKeys() => token.Hsm.CountObjects();

    private async Task<SigningKey> ImportAsync(KeyAlgorithm algorithm)
    {
        (KeyReference exchange, byte[] exchangeKey) = await CreateExchangeKeyAsync();
        System.Security.Cryptography.AsymmetricAlgorithm source = SourceOf(algorithm);
        return await Import.ImportKeyAsync(KeyName.New(), algorithm, exchange, KeyTransfer.Wrap(exchangeKey, source), source.ExportSubjectPublicKeyInfo(), Cancellation);
    }

    /// <summary>Another session of the same application, past the backend.</summary>
    private sealed class RawView : IDisposable
    {
        private readonly Token _token;
        private readonly Session _session;

        internal RawView(Pkcs11Shim shim, SoftHsmFixture hsm)
        {
            _token = Token.Open(shim.ModulePath, hsm.TokenLabel, System.Text.Encoding.ASCII.GetBytes(hsm.Pin));
            _session = _token.OpenSession();
        }

        public void Dispose()
        {
            _session.Close();
            _token.Close();
        }

        internal byte[] Read(KeyReference key, CKO kind, CKA type) => _session.GetAttribute(Assert.Single(_token.Keys.Search(_session, key, kind)), type);

        internal CKR Refuses(KeyReference key, CKA type) => Assert.Throws<CkException>(() => Read(key, CKO.CKO_PRIVATE_KEY, type)).Code;

        internal void AssertAttributes(KeyReference key, CKO kind, Dictionary<CKA, bool> expected) =>
            Assert.All(expected, attribute => Assert.Equal((attribute.Key, attribute.Value), (attribute.Key, Read(key, kind, attribute.Key) is [1])));

        internal ulong[] SessionKeys()
        {
            using Template template = new() { { CKA.CKA_TOKEN, false }, { CKA.CKA_CLASS, CKO.CKO_SECRET_KEY } };
            return _session.Find(template, 8);
        }
    }
}
