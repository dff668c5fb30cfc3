using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>Faults while a key is made, and what a lost login does to handles. What the HSM made and nobody was told of is destroyed: it would stay for ever.</summary>
public sealed class Pkcs11KeyMakingTests : IAsyncLifetime
{
    // A token of its own: what is in it can be counted.
    private readonly SoftHsmFixture _token = new();
    private Pkcs11Shim _shim = null!;
    private Pkcs11KeyBackend _backend = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _token.InitializeAsync();
        _shim = _token.CreateShim();
        _backend = await Pkcs11KeyBackend.OpenAsync(_token.Options(_shim), TimeProvider.System, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        Assert.Equal(0, _shim.OpenSessions());

        // Each test destroys what it was given.
        Assert.Equal(0, _token.CountObjects());
        await _token.DisposeAsync();
    }

    [Fact]
    public async Task What_a_failed_attempt_to_make_a_key_left_behind_is_destroyed()
    {
        (string Name, string Function, ShimFault Fault, bool Made, int Orphans)[] table =
        [
            ("session closed before the key is made", "C_GenerateKeyPair", ShimFault.CloseSession, true, 0),
            ("logged out before the key is made", "C_GenerateKeyPair", ShimFault.LogOut, true, 0),
            ("device error, nothing made", "C_GenerateKeyPair", Fail(CKR.CKR_DEVICE_ERROR), true, 0),
            ("device error after the key was made", "C_GenerateKeyPair", Lose(CKR.CKR_DEVICE_ERROR), true, 2),
            ("function failed after the key was made", "C_GenerateKeyPair", Lose(CKR.CKR_FUNCTION_FAILED), false, 2),
            ("session closed before the public key is read", "C_GetAttributeValue", ShimFault.CloseSession, true, 2),
            ("logged out before the public key is read", "C_GetAttributeValue", ShimFault.LogOut, true, 2),
            ("no memory for the public key", "C_GetAttributeValue", Fail(CKR.CKR_HOST_MEMORY), false, 2),
        ];
        List<string> found = [];
        foreach ((string name, string function, ShimFault fault, _, _) in table)
        {
            _shim.Inject(function, fault);
            int before = CountDestroyed();
            SigningKey? key = await TryMakeAsync();
            found.Add($"{name}: {(key is null ? "failed" : "made")}, {CountDestroyed() - before} orphans destroyed");
            if (key is not null)
            {
                await SignAndVerifyAsync(key);
                await _backend.DestroyKeyAsync(key.Reference, Cancellation);
            }
        }

        Assert.Equal(table.Select(row => $"{row.Name}: {(row.Made ? "made" : "failed")}, {row.Orphans} orphans destroyed"), found);
        TestReport.Add("PKCS#11 faults while a key is made", $"{table.Length}, no orphan stays");
    }

    [Theory]
    [InlineData(CKR.CKR_DEVICE_ERROR, true)]
    [InlineData(CKR.CKR_FUNCTION_FAILED, false)]
    public async Task A_mac_key_whose_making_was_answered_with_an_error_is_destroyed(CKR code, bool made)
    {
        _shim.Inject("C_GenerateKey", Lose(code));
        KeyReference? key = null;
        try
        {
            key = await _backend.CreateMacKeyAsync(Cancellation);
        }
        catch (KeyBackendException)
        {
        }

        Assert.Equal((made, 1), (key is not null, CountDestroyed()));
        if (key is { } found)
        {
            Assert.Equal(32, (await _backend.ComputeMacAsync(found, new byte[1], Cancellation)).Length);
            await _backend.DestroyKeyAsync(found, Cancellation);
        }
    }

    [Fact]
    public async Task A_handle_of_an_earlier_login_is_not_used_again()
    {
        SigningKey key = await _backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);
        await SignAndVerifyAsync(key);
        _shim.Inject("C_GetSessionInfo", ShimFault.LogOut);
        await _backend.CheckAsync(Cancellation);

        await SignAndVerifyAsync(key);

        Assert.Equal(2, _shim.Count("C_Login"));
        Assert.DoesNotContain(_shim.Calls(), call => (CKR)call.Result is CKR.CKR_OBJECT_HANDLE_INVALID or CKR.CKR_KEY_HANDLE_INVALID);
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    [Fact]
    public async Task A_session_that_the_hsm_has_closed_is_not_closed_again_not_even_the_logins_own()
    {
        SigningKey key = await _backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);
        _shim.Inject("C_SignInit", Fail(CKR.CKR_USER_NOT_LOGGED_IN));
        _shim.Inject("C_GetSessionInfo", ShimFault.CloseSession);

        await SignAndVerifyAsync(key);

        Assert.Equal(2, _shim.Count("C_Login"));
        Assert.DoesNotContain(_shim.Calls(), call => call is { Function: "C_CloseSession", Result: not 0 });
        await _backend.DestroyKeyAsync(key.Reference, Cancellation);
    }

    private static ShimFault Fail(CKR code) => ShimFault.Fail((ulong)code);

    private static ShimFault Lose(CKR code) => ShimFault.Lose((ulong)code);

    private int CountDestroyed() => _shim.Calls().Count(call => call is { Function: "C_DestroyObject", Result: 0 });

    private async Task<SigningKey?> TryMakeAsync()
    {
        try
        {
            return await _backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);
        }
        catch (KeyBackendException failure)
        {
            Assert.Equal(KeyBackendFailure.Unavailable, failure.Failure);
            return null;
        }
    }

    private async Task SignAndVerifyAsync(SigningKey key)
    {
        Result<IReadOnlyList<byte[]>> signed =
            await new KeyBackendGuard(_backend).SignAsync(key, SignatureAlgorithm.EcdsaSha256, [Digests.Of("a document")], Cancellation);
        Assert.Null(signed.Refusal);
    }
}
