using Sam.Core.Keys;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Time-outs, taking back, the circuit and the pace of making keys, by a clock that the test turns.</summary>
public sealed class TimeTests
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _secondPause = TimeSpan.FromMilliseconds(200);

    private readonly WatchedClock _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_hsm_that_says_nothing_is_given_up_within_the_time_of_a_release(bool done)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);
        await bed.SignAndVerifyAsync();
        bed.Hsm.Forget();
        long start = _clock.GetTimestamp();
        bed.Hsm.On(r => r.IsSign, done ? HsmFaults.AnswerSilent : HsmFaults.RequestSilent);

        Task signing = bed.SignAsync(Digests.Of("one"));
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            await bed.Hsm.ArrivalAsync(r => r.IsSign, attempt, Cancellation);
            _clock.Advance(TimeSpan.FromSeconds(3));
            if (attempt < 3)
            {
                await _clock.PassAsync(_firstPause * attempt, Cancellation);
            }
        }

        KeyBackendException failure = await bed.FailsAsync(KeyBackendFailure.TimedOut, () => signing);
        Assert.Contains("may have been carried out", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, bed.Signs.Count);
        Assert.Single(bed.Signs.Select(r => r.Text("value")).Distinct());
        Assert.True(_clock.GetElapsedTime(start) < TimeSpan.FromSeconds(10));
        TestReport.Add("managed hsm, silent", "3 attempts with one digest, TimedOut before the release's 10 s");
    }

    [Fact]
    public async Task A_call_that_waits_for_a_place_can_be_taken_back_and_is_never_sent()
    {
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock, change: options => options.MaxConcurrentCalls = options.MaxConcurrentCallsPerBatch = 1);
        bed.Hsm.On(r => r.IsSign, HsmFaults.HeldUntil(released.Task));
        Task first = bed.SignAsync(Digests.Of("first"));
        await bed.Hsm.ArrivalAsync(r => r.IsSign, 1, Cancellation);
        using CancellationTokenSource giveUp = new();
        Task second = bed.SignAsync(giveUp.Token, Digests.Of("second"));

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        released.SetResult();
        await first;
        Assert.Single(bed.Signs);
    }

    [Fact]
    public async Task A_call_that_waits_for_its_first_token_can_be_taken_back_and_the_digest_is_never_sent()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);
        using CancellationTokenSource giveUp = new();
        bed.Credential.Before = () => giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.SignAsync(giveUp.Token, Digests.Of("one")));

        Assert.Empty(bed.Signs);
        Assert.All(bed.Hsm.Requests, r => Assert.Empty(r.Body));
    }

    [Fact]
    public async Task A_call_that_was_sent_is_not_taken_back()
    {
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock, change: options => options.MaxConcurrentCallsPerBatch = 1);
        bed.Hsm.On(r => r.IsSign, HsmFaults.HeldUntil(released.Task), times: 1);
        using CancellationTokenSource giveUp = new();
        Task<IReadOnlyList<byte[]>> signing = bed.SignAsync(giveUp.Token, Digests.Some(3));
        await bed.Hsm.ArrivalAsync(r => r.IsSign, 1, Cancellation);

        await giveUp.CancelAsync();
        released.SetResult();

        // The key has been used for the first digest, so the others are signed as well: all or none.
        Assert.Equal(3, (await signing).Count);
    }

    [Fact]
    public async Task A_call_that_finds_no_place_in_time_says_that_nothing_was_sent()
    {
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock, change: options => options.MaxConcurrentCalls = options.MaxConcurrentCallsPerBatch = 1);

        // An identity service that hangs and cannot be interrupted keeps the one place.
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Credential.Before = () =>
        {
            asked.SetResult();
            return released.Task;
        };
        Task first = bed.SignAsync(Digests.Of("first"));
        await asked.Task.WaitAsync(Cancellation);
        Task second = bed.SignAsync(Digests.Of("second"));

        _clock.Advance(TimeSpan.FromSeconds(8));

        KeyBackendException unsent = await bed.FailsAsync(KeyBackendFailure.Unavailable, () => second);
        Assert.Contains("nothing was handed to the HSM", unsent.Message, StringComparison.Ordinal);
        released.SetResult();
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => first);
        Assert.Empty(bed.Signs);
    }

    [Fact]
    public async Task A_dead_hsm_is_left_alone_and_one_attempt_at_a_time_finds_out_that_it_is_back()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);
        await bed.SignAndVerifyAsync();
        bed.Hsm.On(r => r.IsAuthorized, HsmFaults.Refused(503, "ServiceUnavailable"));
        bed.Hsm.Forget();

        Task first = bed.SignAsync(Digests.Of("one"));
        await _clock.PassAsync(_firstPause, Cancellation);
        await _clock.PassAsync(_secondPause, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => first);

        // The fourth failure in a row opens it, and the second attempt of the same call is not made any more.
        Task second = bed.SignAsync(Digests.Of("two"));
        await _clock.PassAsync(_firstPause, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => second);
        Assert.Equal(4, bed.Signs.Count);

        // At once, and without a request.
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(Digests.Some(20)));
        Assert.Equal(4, bed.Signs.Count);

        // One probe of many callers; it fails.
        _clock.Advance(TimeSpan.FromSeconds(3));
        Task[] callers = [.. Enumerable.Range(0, 8).Select(_ => bed.SignAsync(Digests.Of("three")))];
        await _clock.PassAsync(_firstPause, Cancellation);
        foreach (Task caller in callers)
        {
            await bed.FailsAsync(KeyBackendFailure.Unavailable, () => caller);
        }

        Assert.Equal(5, bed.Signs.Count);

        // A check asks in any case. It tells of reading, and closes nothing.
        bed.Hsm.Mend();
        await bed.Backend.CheckAsync(Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(Digests.Of("four")));
        _clock.Advance(TimeSpan.FromSeconds(3));
        await bed.SignAndVerifyAsync();
        Assert.Equal(6, bed.Signs.Count);
        TestReport.Add("managed hsm, circuit", "opened by 4 failures in a row, 1 probe by 8 callers, not closed by a check");
    }

    /// <summary>Whoever asks for readiness every second must not keep an HSM in use that answers that and nothing else.</summary>
    [Fact]
    public async Task Checks_between_failures_do_not_keep_the_circuit_closed()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);
        await bed.SignAndVerifyAsync();
        bed.Hsm.On(r => r.IsSign, HsmFaults.Refused(503, "ServiceUnavailable"));
        bed.Hsm.Forget();
        Task first = bed.SignAsync(Digests.Of("one"));
        await _clock.PassAsync(_firstPause, Cancellation);
        await _clock.PassAsync(_secondPause, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => first);
        await bed.Backend.CheckAsync(Cancellation);
        Task second = bed.SignAsync(Digests.Of("one"));
        await _clock.PassAsync(_firstPause, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => second);
        await bed.Backend.CheckAsync(Cancellation);
        Assert.Equal(4, bed.Signs.Count);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(Digests.Of("two")));
        Assert.Equal(4, bed.Signs.Count);
    }

    [Fact]
    public async Task A_probe_that_succeeds_closes_the_circuit()
    {
        await using ManagedHsmBed bed = await OpenWithOpenCircuitAsync();
        bed.Hsm.Mend();
        _clock.Advance(TimeSpan.FromSeconds(3));

        await bed.SignAndVerifyAsync();
        _ = await bed.SignAsync(Digests.Some(20));

        Assert.Equal(21, bed.Signs.Count);
    }

    [Fact]
    public async Task A_refused_probe_shows_a_living_hsm()
    {
        await using ManagedHsmBed bed = await OpenWithOpenCircuitAsync();
        bed.Hsm.Mend();
        bed.Hsm.On(r => r.IsSign, HsmFaults.Refused(404, "KeyNotFound"), times: 1);
        _clock.Advance(TimeSpan.FromSeconds(3));

        await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.SignAsync(Digests.Of("one")));
        await bed.SignAndVerifyAsync();
    }

    [Fact]
    public async Task Connections_that_one_event_drops_together_do_not_open_the_circuit()
    {
        const int together = 16;
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);
        TaskCompletionSource dropped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Hsm.On(r => r.IsSign, async exchange => await HsmFaults.RequestLost(await Held(exchange)), times: together);
        Task[] signing = [.. Enumerable.Range(0, together).Select(i => bed.SignAsync(Digests.Of($"{i}")))];
        await bed.Hsm.ArrivalAsync(r => r.IsSign, together, Cancellation);

        dropped.SetResult();
        for (int i = 0; i < together; i++)
        {
            await _clock.PassAsync(_firstPause, Cancellation);
        }

        await Task.WhenAll(signing);
        Assert.Equal(2 * together, bed.Signs.Count);

        async Task<HsmExchange> Held(HsmExchange exchange)
        {
            await dropped.Task;
            return exchange;
        }
    }

    [Fact]
    public async Task Keys_are_made_one_a_second_and_who_would_wait_too_long_is_told_at_once()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock, change: options =>
        {
            options.KeyCreationInterval = TimeSpan.FromSeconds(1);
            options.KeyCreationTimeout = TimeSpan.FromSeconds(2.5);
        });

        Task<KeyReference> first = bed.Backend.CreateMacKeyAsync(Cancellation);
        Task<KeyReference> second = bed.Backend.CreateMacKeyAsync(Cancellation);
        Task<KeyReference> third = bed.Backend.CreateMacKeyAsync(Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.CreateMacKeyAsync(Cancellation));

        _ = await first;
        Assert.Equal(1, Creations(bed));
        await _clock.PassAsync(TimeSpan.FromSeconds(1), Cancellation);
        _ = await second;
        Assert.Equal(2, Creations(bed));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _ = await third;
        Assert.Equal(3, Creations(bed));
    }

    private static int Creations(ManagedHsmBed bed) => bed.Hsm.Requests.Count(r => r.Operation == "create");

    private async Task<ManagedHsmBed> OpenWithOpenCircuitAsync()
    {
        ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);
        bed.Hsm.On(r => r.IsAuthorized, HsmFaults.Refused(503, "ServiceUnavailable"));
        Task first = bed.SignAsync(Digests.Of("one"));
        await _clock.PassAsync(_firstPause, Cancellation);
        await _clock.PassAsync(_secondPause, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => first);
        Task second = bed.SignAsync(Digests.Of("two"));
        await _clock.PassAsync(_firstPause, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => second);
        bed.Hsm.Forget();
        return bed;
    }
}
