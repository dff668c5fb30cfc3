using Microsoft.Extensions.Time.Testing;
using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Hsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>What the backend does when the HSM closes sessions, forgets, breaks or hangs. Each test has a shim of its own.</summary>
public sealed class Pkcs11FaultTests(SoftHsmFixture token) : IAsyncLifetime
{
    private readonly Pkcs11Shim _shim = token.CreateShim();
    private readonly FakeTimeProvider _time = new();
    private Pkcs11KeyBackend _backend = null!;
    private SigningKey _key = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Pkcs11Options options = token.Options(_shim);
        options.MaxSessions = 2;
        _backend = await Pkcs11KeyBackend.OpenAsync(options, _time, Cancellation);
        _key = await _backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();

        // Whatever a test did: nothing stays open in the HSM.
        Assert.Equal(0, _shim.OpenSessions());

        await using IKeyBackend sound = await token.OpenAsync(CancellationToken.None);
        await sound.DestroyKeyAsync(_key.Reference, CancellationToken.None);
    }

    [Theory]
    [InlineData("C_SignInit", 1)]
    [InlineData(Pkcs11Shim.Sign, 2)]
    public async Task A_session_that_the_hsm_closes_is_replaced_and_the_digest_signed(string function, int attempts)
    {
        _shim.Inject(function, ShimFault.CloseSession);

        await SignAndVerifyAsync();

        Assert.Equal(attempts, _shim.SignCount());
        Assert.Equal(1, _shim.Count("C_Login"));
    }

    [Fact]
    public async Task A_login_that_the_hsm_forgets_is_restored_once_for_all_who_wait()
    {
        _shim.Inject("C_SignInit", ShimFault.LogOut);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(SignAndVerifyAsync, Cancellation)));

        Assert.Equal(2, _shim.Count("C_Login"));
    }

    [Fact]
    public async Task A_search_that_a_login_is_overtaking_does_not_say_that_the_key_is_gone()
    {
        _shim.Inject("C_SignInit", ShimFault.LogOut);
        _shim.Inject("C_FindObjectsInit", ShimFault.Linger, always: true);
        _shim.Inject("C_Login", ShimFault.Linger, always: true);

        // The search has seen nothing, and then the HSM knows of a login of which this process does not know yet.
        Task signing = SignAndVerifyAsync();
        await _shim.WaitForAsync(Pkcs11Shim.Hanging, Cancellation);
        Task check = _backend.CheckAsync(Cancellation);
        await _shim.WaitForAsync(Pkcs11Shim.Hanging, Cancellation, count: 2);
        _shim.Clear("C_FindObjectsInit");
        await _shim.WaitForAsync("C_GetSessionInfo", Cancellation, count: _shim.Count("C_GetSessionInfo") + 1);
        _shim.Clear("C_Login");

        await signing;
        await check;
        Assert.Equal(2, _shim.Count("C_Login"));
    }

    [Fact]
    public async Task The_check_notices_a_lost_login_and_restores_it()
    {
        _shim.Inject("C_GetSessionInfo", ShimFault.LogOut);

        await _backend.CheckAsync(Cancellation);

        Assert.Equal(2, _shim.Count("C_Login"));
        await SignAndVerifyAsync();
    }

    [Fact]
    public async Task The_check_fails_when_the_token_is_gone()
    {
        _shim.Inject("C_GetTokenInfo", ShimFault.Fail((ulong)CKR.CKR_DEVICE_REMOVED));

        await FailsAsync(KeyBackendFailure.Unavailable, () => _backend.CheckAsync(Cancellation));

        await _backend.CheckAsync(Cancellation);
    }

    [Fact]
    public async Task A_pin_that_is_refused_when_the_login_is_restored_is_never_tried_again()
    {
        _shim.Inject("C_SignInit", ShimFault.LogOut);
        _shim.Inject("C_Login", ShimFault.Fail((ulong)CKR.CKR_PIN_INCORRECT));

        KeyBackendException first = await FailsAsync(KeyBackendFailure.Rejected, SignAsync);
        KeyBackendException second = await FailsAsync(KeyBackendFailure.Rejected, SignAsync);

        Assert.StartsWith("PinFile:", first.Message, StringComparison.Ordinal);
        Assert.StartsWith("PinFile:", second.Message, StringComparison.Ordinal);
        Assert.Equal(2, _shim.Count("C_Login"));
    }

    [Fact]
    public async Task A_device_error_is_tried_once_more_with_the_same_digest()
    {
        _shim.Inject(Pkcs11Shim.Sign, ShimFault.Fail((ulong)CKR.CKR_DEVICE_ERROR));

        await SignAndVerifyAsync();

        Assert.Equal(2, _shim.SignCount());
    }

    [Fact]
    public async Task A_device_that_stays_broken_is_unavailable_after_two_attempts_and_back_when_it_is_mended()
    {
        _shim.Inject(Pkcs11Shim.Sign, ShimFault.Fail((ulong)CKR.CKR_DEVICE_ERROR), always: true);

        await FailsAsync(KeyBackendFailure.Unavailable, SignAsync);

        Assert.Equal(2, _shim.SignCount());
        _shim.Clear(Pkcs11Shim.Sign);
        await SignAndVerifyAsync();
    }

    [Fact]
    public async Task A_batch_with_a_failing_digest_releases_none()
    {
        _shim.Inject(Pkcs11Shim.Sign, ShimFault.Fail((ulong)CKR.CKR_DATA_LEN_RANGE));

        await FailsAsync(
            KeyBackendFailure.Rejected,
            () => _backend.SignDigestsAsync(_key.Reference, SignatureAlgorithm.EcdsaSha256, Digests.Some(3), Cancellation));

        Assert.Equal(1, _shim.SignCount());
    }

    [Fact]
    public async Task A_lost_handle_is_found_again_once()
    {
        _shim.Inject("C_SignInit", ShimFault.Fail((ulong)CKR.CKR_OBJECT_HANDLE_INVALID));

        await SignAndVerifyAsync();
        await SignAndVerifyAsync();

        Assert.Equal(1, _shim.Count("C_FindObjectsInit"));
        Assert.Equal(2, _shim.SignCount());
    }

    [Fact]
    public async Task A_handle_that_stays_lost_is_a_key_that_is_not_found()
    {
        _shim.Inject("C_SignInit", ShimFault.Fail((ulong)CKR.CKR_KEY_HANDLE_INVALID), always: true);

        await FailsAsync(KeyBackendFailure.KeyNotFound, SignAsync);

        _shim.Clear("C_SignInit");
        await SignAndVerifyAsync();
    }

    [Fact]
    public async Task A_key_that_another_process_destroyed_is_not_found()
    {
        await SignAndVerifyAsync();

        // A copy of SoftHSM that has just started: one that runs may not have noticed the key yet (README of the backend).
        await using (IKeyBackend other = await Pkcs11KeyBackend.OpenAsync(token.Options(token.CreateShim()), TimeProvider.System, Cancellation))
        {
            await other.DestroyKeyAsync(_key.Reference, Cancellation);
        }

        await FailsAsync(KeyBackendFailure.KeyNotFound, SignAsync);
    }

    [Fact]
    public async Task Calls_that_hang_time_out_hold_their_sessions_and_pile_nothing_up()
    {
        ThreadPool.GetMinThreads(out int workers, out _);
        Assert.True(workers >= Environment.ProcessorCount + 2);
        _shim.Inject(Pkcs11Shim.Sign, ShimFault.Hang, always: true);
        Task first = SignAsync();
        Task second = SignAsync();
        await _shim.WaitForAsync(Pkcs11Shim.Hanging, Cancellation, count: 2);
        Task third = SignAsync();
        _time.Advance(TimeSpan.FromMinutes(3));

        await FailsAsync(KeyBackendFailure.TimedOut, () => first);
        await FailsAsync(KeyBackendFailure.TimedOut, () => second);
        await FailsAsync(KeyBackendFailure.Unavailable, () => third);

        _shim.Clear(Pkcs11Shim.Sign);
        await SignAndVerifyAsync();
        Assert.InRange(_shim.SignCount(), 2, 3);
    }

    [Fact]
    public async Task A_batch_whose_caller_has_gone_is_not_signed_to_its_end()
    {
        _shim.Inject(Pkcs11Shim.Sign, ShimFault.Hang, always: true);
        Task batch = _backend.SignDigestsAsync(_key.Reference, SignatureAlgorithm.EcdsaSha256, Digests.Some(5), Cancellation);
        await _shim.WaitForAsync(Pkcs11Shim.Hanging, Cancellation);

        _time.Advance(TimeSpan.FromMinutes(3));

        await FailsAsync(KeyBackendFailure.TimedOut, () => batch);
        _shim.Clear(Pkcs11Shim.Sign);

        // Disposal waits for the call that is still inside.
        await _backend.DisposeAsync();
        Assert.Equal(1, _shim.SignCount());
    }

    [Fact]
    public async Task A_key_that_was_made_too_late_is_destroyed()
    {
        _shim.Inject("C_GenerateKeyPair", ShimFault.Hang, always: true);
        Task<SigningKey> making = _backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);
        await _shim.WaitForAsync(Pkcs11Shim.Hanging, Cancellation);

        _time.Advance(TimeSpan.FromMinutes(6));

        await FailsAsync(KeyBackendFailure.TimedOut, () => making);
        _shim.Clear("C_GenerateKeyPair");
        await _shim.WaitForAsync("C_DestroyObject", Cancellation, count: 2);
    }

    [Fact]
    [Trait("Requirement", "T-USE-8")]
    public async Task A_signature_with_one_bit_flipped_does_not_pass_the_guard()
    {
        _shim.Inject(Pkcs11Shim.Sign, ShimFault.Flip);
        KeyBackendGuard guard = new(_backend);

        Result<IReadOnlyList<byte[]>> flipped = await guard.SignAsync(_key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation);
        Result<IReadOnlyList<byte[]>> sound = await guard.SignAsync(_key, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation);

        Assert.Equal(SamErrorCode.SignatureNotVerified, flipped.Refusal?.Code);
        Assert.Null(sound.Refusal);
        Assert.Equal(2, _shim.SignCount());
    }

    [Fact]
    public async Task Sixty_four_callers_share_two_sessions()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(SignAndVerifyAsync, Cancellation)));

        Assert.Equal(64, _shim.SignCount());
        Assert.InRange(_shim.OpenSessions(), 2, 3);
        Assert.Equal(0, _shim.Count("C_FindObjectsInit"));
    }

    [Fact]
    public async Task Wrapping_leaves_no_object_behind()
    {
        KeyReference key = await _backend.CreateWrappingKeyAsync(Cancellation);
        for (int i = 0; i < 5; i++)
        {
            await _backend.UnwrapAsync(key, await _backend.WrapAsync(key, new byte[32], Cancellation), Cancellation);
        }

        int made = _shim.Count("C_CreateObject") + _shim.Count("C_UnwrapKey");
        Assert.Equal(made, _shim.Count("C_DestroyObject"));
        await _backend.DestroyKeyAsync(key, Cancellation);
    }

    private Task<IReadOnlyList<byte[]>> SignAsync() =>
        _backend.SignDigestsAsync(_key.Reference, SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation);

    private async Task SignAndVerifyAsync()
    {
        Result<IReadOnlyList<byte[]>> signed =
            await new KeyBackendGuard(_backend).SignAsync(_key, SignatureAlgorithm.EcdsaSha256, [Digests.Of("a document")], Cancellation);
        Assert.Null(signed.Refusal);
    }

    private static async Task<KeyBackendException> FailsAsync(KeyBackendFailure expected, Func<Task> call)
    {
        KeyBackendException failure = await Assert.ThrowsAsync<KeyBackendException>(call);
        Assert.Equal(expected, failure.Failure);
        return failure;
    }
}
