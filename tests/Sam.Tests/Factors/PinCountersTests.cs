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

/// <summary>The counters of PIN attempts: races, lost answers, crashes, and an insider on the table.</summary>
[Trait("Requirement", "SIG-2a")]
[Trait("Requirement", "T-USE-4")]
public sealed class PinCountersTests : IAsyncLifetime
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

    /// <summary>
    /// One past, written back to each process in turn, has as many futures as there are processes, all of one version. A process takes none of them for its own.
    /// </summary>
    [Fact]
    [Trait("Requirement", "T-INS-3")]
    public async Task Counters_that_are_another_future_of_one_past_give_no_attempts()
    {
        ActivationModule other = await _bed.OpenProcessAsync();
        StoredRow past = _bed.Table.Attacker.Row(SignerRows.Counters(_signer.Id));
        Assert.Equal(SamErrorCode.PinWrong, await GuessAsync());
        _ = _bed.Table.Attacker.WriteBack(past);
        Assert.Equal(SamErrorCode.PinWrong, await GuessAsync(other));
        int before = _bed.PasswordHash.Evaluations;

        Assert.Equal(SamErrorCode.RowRolledBack, await GuessAsync());

        Assert.Equal(before, _bed.PasswordHash.Evaluations);
    }

    /// <summary>A caller who gives up while others' PINs are evaluated has learned nothing, and must not be locked for having tried.</summary>
    [Fact]
    public async Task An_attempt_that_was_given_up_before_its_turn_is_given_back()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(new ActivationModuleOptions { Pin = new PinPolicy { MaxConcurrentEvaluations = 1 } });
        TestSigner first = await bed.AddSignerAsync();
        TestSigner second = await bed.AddSignerAsync("bob");
        using ManualResetEventSlim goOn = new();
        TaskCompletionSource reached = new();
        bed.PasswordHash.Before = () =>
        {
            reached.TrySetResult();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        Task<Result<IssuedSad>> holding = Task.Run(() => bed.Sam.AuthorizeAsync(bed.AuthorizationOf(first, _digest), CancellationToken.None));
        await reached.Task;
        TaskCompletionSource counted = new();
        bed.Rows.After = call =>
        {
            if (call is { Kind: RowStoreCallKind.Replace, Address.RowKey: "counters" })
            {
                counted.TrySetResult();
            }

            return Task.CompletedTask;
        };
        using CancellationTokenSource hangUp = new();
        Task<Result<IssuedSad>> waiting = bed.Sam.AuthorizeAsync(bed.AuthorizationOf(second, _digest), hangUp.Token);
        await counted.Task;
        Assert.Equal(1, (await bed.CountersAsync(second)).PinAttempts);

        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, (await bed.CountersAsync(second)).PinAttempts);
        goOn.Set();
        Assert.Null((await holding).Refusal);
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
    public async Task A_row_that_was_overtaken_while_it_was_read_is_not_called_written_back()
    {
        // This process knows nothing of the signer; while it reads the counters, it sees newer ones written by a second request.
        ActivationModule sam = await _bed.OpenProcessAsync();
        int reads = 0;
        _bed.Rows.After = async call =>
        {
            if (call is { Kind: RowStoreCallKind.Read, Address.RowKey: "counters" } && Interlocked.Increment(ref reads) == 1)
            {
                Assert.Null(await RightAsync(sam));
            }
        };

        Assert.Null(await RightAsync(sam));
        Assert.Equal((0, 0), await AttemptsAsync());
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
