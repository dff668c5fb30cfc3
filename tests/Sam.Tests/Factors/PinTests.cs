using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing;
using Sam.Testing.InMemory;
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

    [Fact]
    public async Task An_attempt_is_counted_before_the_PIN_is_evaluated()
    {
        List<int> counted = [];
        _bed.PasswordHash.Before = () => counted.Add(_bed.CountersAsync(_signer).GetAwaiter().GetResult().PinAttempts);
        Assert.Null(await RightAsync());
        Assert.Equal([1], counted);
        Assert.Equal((0, 0), await AttemptsAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Parallel_guesses_evaluate_no_more_than_the_limit(int processes)
    {
        const int Guesses = 40;
        ActivationModule[] sams = [_bed.Sam, .. processes == 2 ? [await _bed.OpenProcessAsync()] : Array.Empty<ActivationModule>()];
        int before = _bed.PasswordHash.Evaluations;

        // All of them have read the counters before the first one reserves.
        AsyncBarrier all = new(Guesses);
        _bed.Rows.Before = call => call is { Kind: RowStoreCallKind.Replace, Address.RowKey: "counters" } ? all.ArriveAsync() : Task.CompletedTask;
        SamErrorCode?[] causes = await Task.WhenAll(Enumerable.Range(0, Guesses).Select(i => Task.Run(() => GuessAsync(sams[i % sams.Length]))));

        Assert.Equal(5, _bed.PasswordHash.Evaluations - before);
        Assert.Equal(5, causes.Count(c => c == SamErrorCode.PinWrong));
        Assert.All(causes, c => Assert.Contains(c, new SamErrorCode?[] { SamErrorCode.PinWrong, SamErrorCode.PinLocked, SamErrorCode.Overloaded }));
        Assert.Equal((5, 5), await AttemptsAsync());
    }

    [Fact]
    public async Task Wrong_PINs_of_a_whole_life_are_limited_too()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(new ActivationModuleOptions { Pin = new PinPolicy { MaxAttempts = 50, MaxAttemptsEver = 3 } });
        TestSigner signer = await bed.AddSignerAsync();
        AuthorizeRequest guess = bed.AuthorizationOf(signer, _digest) with { Pin = SamTestBed.NewPin() };
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(SamErrorCode.PinWrong, (await bed.Sam.AuthorizeAsync(guess, CancellationToken.None)).Refusal?.Code);
        }

        Assert.Equal(SamErrorCode.PinLocked, (await bed.Sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digest), CancellationToken.None)).Refusal?.Code);
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
        _ = (await other.Signers.SetPinAsync(_signer.Id, pin, CancellationToken.None)).Value;

        Assert.Equal(SamErrorCode.PinWrong, await RightAsync());
        Assert.Null(await CauseAsync(_bed.Sam, pin));
    }

    [Fact]
    public async Task A_new_PIN_ends_what_the_old_one_authorized()
    {
        SecretText sad = await _bed.AuthorizeAsync(_signer, _digest);
        _ = (await _bed.Sam.Signers.SetPinAsync(_signer.Id, _signer.Pin, CancellationToken.None)).Value;
        Assert.Equal(SamErrorCode.CredentialChanged, (await _bed.SignAsync(_signer, sad, _digest)).Refusal?.Code);
    }

    [Fact]
    public async Task A_crash_before_the_evaluation_leaves_the_attempt_counted()
    {
        _bed.PasswordHash.Before = () => throw new InvalidOperationException("the process ends here");
        await Assert.ThrowsAsync<InvalidOperationException>(() => RightAsync());
        Assert.Equal((1, 1), await AttemptsAsync());
    }

    [Fact]
    [Trait("Requirement", "SIG-3")]
    public async Task An_HSM_that_is_away_locks_nobody()
    {
        _bed.Hsm.BeforeMac = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "test");
        for (int i = 0; i < 6; i++)
        {
            await Assert.ThrowsAsync<KeyBackendException>(() => RightAsync());
        }

        _bed.Hsm.BeforeMac = null;
        Assert.Null(await RightAsync());
    }

    [Fact]
    public async Task A_reservation_whose_answer_was_lost_counts_once()
    {
        _bed.Rows.Fate = call => call.Address.RowKey == "counters" ? WriteFate.ArrivesUnanswered : WriteFate.Answered;
        Assert.Equal(SamErrorCode.PinWrong, await GuessAsync());
        Assert.Equal((1, 1), await AttemptsAsync());
    }

    [Fact]
    public async Task A_reservation_in_doubt_evaluates_nothing()
    {
        int before = _bed.PasswordHash.Evaluations;
        _bed.Rows.Fate = call => call.Address.RowKey == "counters" ? WriteFate.LostBeforeArriving : WriteFate.Answered;
        await Assert.ThrowsAsync<RowStoreException>(() => RightAsync());
        Assert.Equal(before, _bed.PasswordHash.Evaluations);
    }

    [Fact]
    public async Task A_refund_in_doubt_stays_counted_and_stops_nobody()
    {
        int writes = 0;
        _bed.Rows.Fate = call =>
            call is { IsWrite: true, Address.RowKey: "counters" } && Interlocked.Increment(ref writes) == 2 ? WriteFate.LostBeforeArriving : WriteFate.Answered;

        Assert.Null(await RightAsync());

        Assert.Equal((1, 1), await AttemptsAsync());
    }

    [Fact]
    public async Task A_refund_meets_another_guess_and_gives_back_one()
    {
        int writes = 0;
        _bed.Rows.Before = async call =>
        {
            // Just before the refund, another process counts a wrong guess.
            if (call is { Kind: RowStoreCallKind.Replace, Address.RowKey: "counters" } && Interlocked.Increment(ref writes) == 2)
            {
                Assert.Equal(SamErrorCode.PinWrong, await GuessAsync(await _bed.OpenProcessAsync()));
            }
        };

        Assert.Null(await RightAsync());

        Assert.Equal((1, 1), await AttemptsAsync());
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Deleted_counters_give_no_attempts()
    {
        Assert.True(_bed.Table.Attacker.Delete(SignerRows.Counters(_signer.Id)));
        Assert.Equal(SamErrorCode.RowBroken, await RightAsync());
        Assert.Equal(SamErrorCode.RowBroken, await RightAsync(await _bed.OpenProcessAsync()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_999)]
    [InlineData(60_000)]
    [Trait("Requirement", "T-INS-3")]
    public async Task Counters_written_back_give_no_attempts(int milliseconds)
    {
        // The insider takes a copy after the second guess, and writes it back after the fourth.
        _ = await GuessAsync();
        _ = await GuessAsync();
        StoredRow two = _bed.Table.Attacker.Row(SignerRows.Counters(_signer.Id));
        _ = await GuessAsync();
        _ = await GuessAsync();
        _bed.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _ = _bed.Table.Attacker.WriteBack(two);
        int before = _bed.PasswordHash.Evaluations;

        Assert.Equal(SamErrorCode.RowRolledBack, await GuessAsync());
        Assert.Equal(SamErrorCode.RowRolledBack, await RightAsync());
        Assert.Equal(before, _bed.PasswordHash.Evaluations);
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Counters_written_back_when_they_are_old_give_no_attempts_at_any_process()
    {
        StoredRow none = _bed.Table.Attacker.Row(SignerRows.Counters(_signer.Id));
        _ = await GuessAsync();
        _bed.Clock.Advance(TimeSpan.FromSeconds(6));
        _ = _bed.Table.Attacker.WriteBack(none);

        Assert.Equal(SamErrorCode.RowRolledBack, await GuessAsync(await _bed.OpenProcessAsync()));
    }

    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Another_signers_counters_are_not_ones_own()
    {
        TestSigner bob = await _bed.AddSignerAsync("bob");
        _ = await GuessAsync();
        _ = _bed.Table.Attacker.Write(SignerRows.Counters(_signer.Id), _bed.Table.Attacker.Row(SignerRows.Counters(bob.Id)).Content);
        Assert.Equal(SamErrorCode.RowBroken, await GuessAsync());
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
    public async Task A_PIN_is_compared_to_its_last_character()
    {
        string pin = _signer.Pin.Reveal();
        foreach (string near in new[] { pin[..^1], pin + "0", pin.ToLowerInvariant(), " " + pin, pin + "\0" })
        {
            _ = (await _bed.Sam.Signers.SetPinAsync(_signer.Id, _signer.Pin, CancellationToken.None)).Value;
            Assert.Equal((near, SamErrorCode.PinWrong), (near, await CauseAsync(_bed.Sam, new SecretText(near))));
        }
    }

    [Fact]
    public async Task Two_signers_with_one_PIN_have_nothing_in_common()
    {
        TestSigner bob = await _bed.AddSignerAsync("bob");
        _ = (await _bed.Sam.Signers.SetPinAsync(bob.Id, _signer.Pin, CancellationToken.None)).Value;
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
