using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Credentials;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Factors;

/// <summary>Guessing a PIN: security decision 11.</summary>
[Trait("Requirement", "SIG-2a")]
[Trait("Requirement", "T-USE-4")]
public sealed class PinTests : IAsyncLifetime
{
    private static readonly Digest _digest = Digests.Of("contract");

    private SamTestBed _bed = null!;
    private TestSigner _signer = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await SamTestBed.OpenAsync();
        _signer = await _bed.AddSignerAsync();
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Five_wrong_PINs_then_it_is_locked_for_the_right_one_too()
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(SamErrorCode.PinWrong, await GuessAsync());
        }

        int evaluations = _bed.PasswordHash.Evaluations;
        Assert.Equal(SamErrorCode.PinLocked, await GuessAsync());
        Assert.Equal(SamErrorCode.PinLocked, await RightAsync());
        Assert.Equal(SamErrorCode.PinLocked, await RightAsync(await _bed.OpenProcessAsync()));
        Assert.Equal(evaluations, _bed.PasswordHash.Evaluations);
    }

    [Fact]
    public async Task A_right_PIN_gives_back_its_own_attempt_and_no_other()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(SamErrorCode.PinWrong, await GuessAsync());
            Assert.Null(await RightAsync());
            Assert.Equal((i + 1, i + 1), await AttemptsAsync());
        }

        Assert.Equal(SamErrorCode.PinWrong, await GuessAsync());
        Assert.Equal(SamErrorCode.PinLocked, await RightAsync());
    }

    [Fact]
    public async Task Right_PINs_are_unlimited()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Null(await RightAsync());
        }

        Assert.Equal((0, 0), await AttemptsAsync());
    }

    [Theory]
    [InlineData(100, SamErrorCode.PinLocked)]
    [InlineData(99, SamErrorCode.PinWrong)]
    public async Task Wrong_PINs_of_a_whole_life_are_limited_too(int ever, SamErrorCode guessed)
    {
        // As after many unlockings: none of the last five is used up.
        SealedRow<CountersRow> row = (await _bed.SealedRows.ReadAsync(SignerRows.Counters(_signer.Id), RowSchemas.Counters, CancellationToken.None)).Value;
        CountersRow many = row.Value with { PinAttemptsEver = ever };
        _ = (await _bed.SealedRows.ReplaceAsync(SignerRows.Counters(_signer.Id), RowSchemas.Counters, many, row.ETag, CancellationToken.None)).Value;

        Assert.Equal(guessed, await GuessAsync());
        Assert.Equal(SamErrorCode.PinLocked, await RightAsync());
    }

    [Fact]
    public async Task Unlocked_elsewhere_is_unlocked_here()
    {
        for (int i = 0; i < 5; i++)
        {
            _ = await GuessAsync();
        }

        Assert.Equal(SamErrorCode.PinLocked, await RightAsync());
        SecretText pin = SamTestBed.NewPin();
        ActivationModule other = await _bed.OpenProcessAsync();
        _ = (await other.SetPinAsync(_signer.Id, pin, CancellationToken.None)).Value;

        Assert.Equal(SamErrorCode.PinWrong, await RightAsync());
        Assert.Null(await CauseAsync(_bed.Sam, pin));
    }

    [Fact]
    public async Task A_new_PIN_ends_what_the_old_one_authorized()
    {
        SecretText sad = await _bed.AuthorizeAsync(_signer, _digest);
        _ = (await _bed.Sam.SetPinAsync(_signer.Id, _signer.Pin, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.CredentialChanged, (await _bed.SignAsync(_signer, sad, _digest)).Refusal?.Code);
    }

    [Fact]
    [Trait("Requirement", "T-USE-1")]
    public async Task A_verifier_copied_from_another_signer_opens_nothing()
    {
        TestSigner bob = await _bed.AddSignerAsync("bob");
        SealedRow<CredentialRow> bobs = (await _bed.SealedRows.ReadAsync(SignerRows.Credential(bob.Credential), RowSchemas.Credential, CancellationToken.None)).Value;
        SealedRow<CredentialRow> alices = (await _bed.SealedRows.ReadAsync(SignerRows.Credential(_signer.Credential), RowSchemas.Credential, CancellationToken.None)).Value;
        CredentialRow mixed = alices.Value with { Signer = alices.Value.Signer with { Pin = bobs.Value.Signer.Pin } };
        _ = (await _bed.SealedRows.ReplaceAsync(SignerRows.Credential(_signer.Credential), RowSchemas.Credential, mixed, alices.ETag, CancellationToken.None)).Value;

        Assert.Equal(SamErrorCode.PinWrong, await CauseAsync(_bed.Sam, bob.Pin));
        Assert.Equal(SamErrorCode.PinWrong, await RightAsync());
    }

    [Fact]
    public async Task A_verifier_is_checked_at_the_cost_and_with_the_pepper_it_names()
    {
        ActivationModule other = await _bed.OpenProcessAsync(new ActivationModuleOptions { Pin = new PinPolicy { Cost = new PasswordHashCost(64, 5, 1) } });
        Assert.Null(await RightAsync(other));

        await _bed.Keys.DestroyKeyAsync(_bed.SystemKeys.Pepper, CancellationToken.None);
        Assert.Equal(KeyBackendFailure.KeyNotFound, (await Assert.ThrowsAsync<KeyBackendException>(() => RightAsync(other))).Failure);
    }

    [Fact]
    public async Task PINs_are_evaluated_as_many_at_a_time_as_is_allowed()
    {
        // Memory times this is what a flood of PINs can take.
        ActivationModule one = await _bed.OpenProcessAsync(new ActivationModuleOptions { Pin = new PinPolicy { MaxConcurrentEvaluations = 1 } });
        int inside = 0;
        int most = 0;
        Lock atOnce = new();
        _bed.PasswordHash.Before = () =>
        {
            lock (atOnce)
            {
                most = Math.Max(most, ++inside);
            }

            Thread.SpinWait(200_000);
            lock (atOnce)
            {
                inside--;
            }
        };
        TestSigner[] signers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => _bed.AddSignerAsync($"signer {i}")));
        most = 0;

        Result<IssuedSad>[] results = await Task.WhenAll(signers.Select(s => Task.Run(() => one.AuthorizeAsync(_bed.AuthorizationOf(s, _digest), CancellationToken.None))));

        Assert.All(results, r => Assert.Null(r.Refusal));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_PIN_is_compared_to_its_last_character()
    {
        string pin = _signer.Pin.Reveal();
        foreach (string near in new[] { pin[..^1], pin + "0", pin.ToLowerInvariant(), " " + pin, pin + "\0" })
        {
            _ = (await _bed.Sam.SetPinAsync(_signer.Id, _signer.Pin, CancellationToken.None)).Value;
            Assert.Equal((near, SamErrorCode.PinWrong), (near, await CauseAsync(_bed.Sam, new SecretText(near))));
        }
    }

    [Fact]
    public async Task Two_signers_with_one_PIN_have_nothing_in_common()
    {
        TestSigner bob = await _bed.AddSignerAsync("bob");
        _ = (await _bed.Sam.SetPinAsync(bob.Id, _signer.Pin, CancellationToken.None)).Value;
        PinVerifier[] verifiers = await Task.WhenAll(new[] { _signer, bob }.Select(async s =>
            (await _bed.SealedRows.ReadAsync(SignerRows.Signer(s.Id), RowSchemas.Signer, CancellationToken.None)).Value.Value.Pin!));

        Assert.NotEqual(verifiers[0].Salt, verifiers[1].Salt);
        Assert.NotEqual(verifiers[0].Tag, verifiers[1].Tag);
        Assert.All(verifiers, v => Assert.Equal((16, 32), (v.Salt.Length, v.Tag.Length)));
    }

    private Task<SamErrorCode?> GuessAsync(ActivationModule? sam = null) => CauseAsync(sam ?? _bed.Sam, SamTestBed.NewPin());

    private Task<SamErrorCode?> RightAsync(ActivationModule? sam = null) => CauseAsync(sam ?? _bed.Sam, _signer.Pin);

    private async Task<SamErrorCode?> CauseAsync(ActivationModule sam, SecretText pin) =>
        (await sam.AuthorizeAsync(_bed.AuthorizationOf(_signer, _digest) with { Pin = pin }, CancellationToken.None)).Refusal?.Code;

    private async Task<(int Attempts, int Ever)> AttemptsAsync()
    {
        CountersRow row = await _bed.CountersAsync(_signer);
        return (row.PinAttempts, row.PinAttemptsEver);
    }
}
