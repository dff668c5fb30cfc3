using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Factors;

/// <summary>One-time passwords beside a PIN: each step once, little drift, and nothing that tells which of the two was wrong.</summary>
[Trait("Requirement", "ACT-2")]
[Trait("Requirement", "APX-4")]
public sealed class TotpTests : IAsyncLifetime
{
    private static readonly Digest _digest = Digests.Some(1)[0];

    private SamTestBed _bed = null!;
    private TestSigner _alice = null!;
    private byte[] _secret = [];

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _alice = await _bed.AddSignerAsync();
        await EnrolAsync(new NewFactors(Pin: null, Device: null, Totp: true));
        _alice = await _bed.AddCredentialAsync("alice", _alice.Id, _alice.Pin, new CredentialRequest(KeyAlgorithm.P256, Level: 2, Authorization: KeyAuthorization.PinAndTotp));
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    /// <summary>RFC 6238 appendix B, the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_vectors_of_RFC_6238(long time, string password) =>
        Assert.Equal(password, Totp.Compute("12345678901234567890"u8, Totp.StepOf(DateTimeOffset.FromUnixTimeSeconds(time))));

    [Fact]
    public void Secrets_are_written_in_base32() => Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.ToBase32("12345678901234567890"u8));

    [Fact]
    [Trait("Requirement", "T-USE-2")]
    public async Task Each_step_is_good_once_and_none_before_it()
    {
        long step = Totp.StepOf(_bed.Clock.GetUtcNow());
        Assert.Null(await TryAsync(_alice.Pin, Password(step)));
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, Password(step)));
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, Password(step - 1)));
        Assert.Null(await TryAsync(_alice.Pin, Password(step + 1)));
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, Password(step)));

        // A new PIN forgets no used step.
        SecretText pin = SamTestBed.NewPin();
        await EnrolAsync(new NewFactors(pin, Device: null));
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(pin, Password(step + 1)));
        _bed.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(await TryAsync(pin, Password(step + 2)));
    }

    [Fact]
    public async Task Two_steps_away_is_too_far()
    {
        long step = Totp.StepOf(_bed.Clock.GetUtcNow());
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, Password(step - 2)));
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, Password(step + 2)));
        Assert.Null(await TryAsync(_alice.Pin, Password(step - 1)));
    }

    [Fact]
    [Trait("Requirement", "T-USE-4")]
    public async Task Wrong_factors_count_one_attempt_each_and_lock_both()
    {
        long step = Totp.StepOf(_bed.Clock.GetUtcNow());
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(SamTestBed.NewPin(), Password(step)));
        Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, new SecretText("000000")));
        Assert.Equal(2, (await _bed.CountersAsync(_alice)).PinAttempts);

        // A wrong PIN beside a right password has not used the password up.
        Assert.Null(await TryAsync(_alice.Pin, Password(step)));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(SamErrorCode.PinWrong, await TryAsync(_alice.Pin, new SecretText("x")));
        }

        Assert.Equal(SamErrorCode.PinLocked, await TryAsync(_alice.Pin, Password(step + 1)));
    }

    [Fact]
    [Trait("Requirement", "T-USE-2")]
    public async Task One_password_sent_many_times_at_once_authorizes_once()
    {
        SecretText password = Password(Totp.StepOf(_bed.Clock.GetUtcNow()));
        Core.ActivationModule other = await _bed.OpenProcessAsync();
        Result<IssuedSad>[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => (i % 2 == 0 ? _bed.Sam : other).AuthorizeAsync(Request(_alice.Pin, password), CancellationToken.None))));
        Assert.Single(all, r => r.Refusal is null);
    }

    [Fact]
    public async Task Both_are_needed()
    {
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await _bed.Sam.AuthorizeAsync(Request(_alice.Pin, null!), CancellationToken.None)).Refusal?.Code);
        AuthorizeRequest without = Request(null!, Password(Totp.StepOf(_bed.Clock.GetUtcNow())));
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await _bed.Sam.AuthorizeAsync(without, CancellationToken.None)).Refusal?.Code);
        TestSigner bob = await _bed.AddSignerAsync("bob");
        TestSigner none = await _bed.AddCredentialAsync("bob", bob.Id, bob.Pin, new CredentialRequest(KeyAlgorithm.P256, Level: 2, Authorization: KeyAuthorization.PinAndTotp));
        AuthorizeRequest unenrolled = Request(bob.Pin, new SecretText("123456")) with { Credential = none.Credential };
        Assert.Equal(SamErrorCode.AuthDataInvalid, (await _bed.Sam.AuthorizeAsync(unenrolled, CancellationToken.None)).Refusal?.Code);
    }

    private AuthorizeRequest Request(SecretText pin, SecretText password) => _bed.AuthorizationOf(_alice, _digest) with { Pin = pin, OneTimePassword = password };

    private async Task<SamErrorCode?> TryAsync(SecretText pin, SecretText password) => (await _bed.Sam.AuthorizeAsync(Request(pin, password), CancellationToken.None)).Refusal?.Code;

    private SecretText Password(long step) => new(Totp.Compute(_secret, step));

    private async Task EnrolAsync(NewFactors factors)
    {
        SecretText code = (await _bed.Sam.Enrolment.IssueCodeAsync(_alice.Id, Actor.Sam, CancellationToken.None)).Value.Code;
        Enrolled enrolled = (await _bed.Sam.Enrolment.EnrolAsync(SamTestBed.Login("alice"), code, factors, CancellationToken.None)).Value;
        if (enrolled.TotpUri is { } uri)
        {
            string text = uri.Reveal();
            Assert.StartsWith("otpauth://totp/SAM:alice?secret=", text, StringComparison.Ordinal);
            _secret = OtpUri.SecretOf(text);
        }
    }
}
