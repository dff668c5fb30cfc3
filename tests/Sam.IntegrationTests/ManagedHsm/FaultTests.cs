using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Each way in which an HSM or the network fails: its closed kind, how often the same digest was sent, and never another one.</summary>
public sealed class FaultTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Repeated with the same digest.
    public static TheoryData<string, KeyBackendFailure> Passing { get; } = new()
    {
        { "429 without a wait", KeyBackendFailure.Unavailable },
        { "429 with a short wait", KeyBackendFailure.Unavailable },
        { "500", KeyBackendFailure.Unavailable },
        { "502 of something else", KeyBackendFailure.Unavailable },
        { "503", KeyBackendFailure.Unavailable },
        { "408", KeyBackendFailure.TimedOut },
        { "504", KeyBackendFailure.TimedOut },
        { "request lost", KeyBackendFailure.Unavailable },
        { "answer lost", KeyBackendFailure.Unavailable },
        { "answer cut", KeyBackendFailure.Unavailable },
        { "answer garbled", KeyBackendFailure.Unavailable },
        { "answer endless", KeyBackendFailure.Unavailable },
        { "signature short", KeyBackendFailure.Unavailable },
        { "another key's answer", KeyBackendFailure.Unavailable },
    };

    // Told at once.
    public static TheoryData<string, KeyBackendFailure> Lasting { get; } = new()
    {
        { "429 with a long wait", KeyBackendFailure.Unavailable },
        { "403 ForbiddenByRbac", KeyBackendFailure.Rejected },
        { "403 AccessDenied", KeyBackendFailure.Rejected },
        { "403 ForbiddenByFirewall", KeyBackendFailure.Rejected },
        { "403 ForbiddenByConnection", KeyBackendFailure.Rejected },
        { "403 KeyDisabled", KeyBackendFailure.Rejected },
        { "403 KeyOperationForbidden", KeyBackendFailure.Rejected },
        { "400", KeyBackendFailure.Rejected },
        { "404", KeyBackendFailure.KeyNotFound },
        { "404 of something else", KeyBackendFailure.Unavailable },
        { "409", KeyBackendFailure.Unavailable },
        { "409 ObjectIsBeingDeleted", KeyBackendFailure.KeyNotFound },
        { "409 ObjectIsDeletedButRecoverable", KeyBackendFailure.KeyNotFound },
        { "redirect", KeyBackendFailure.Unavailable },
    };

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_fault_that_may_pass_is_met_with_the_same_digest_three_times_and_then_told(string fault, KeyBackendFailure expected)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: Patient);
        bed.Hsm.On(r => r.IsSign, FaultOf(fault));

        await bed.FailsAsync(expected, () => bed.SignAsync(Digests.Of("one")));

        AssertOneDigest(bed, attempts: 3);
        bed.Hsm.Mend();
        await bed.SignAndVerifyAsync();
        TestReport.Add($"managed hsm, {fault}", $"3 attempts with one digest, {expected}");
    }

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task A_fault_that_passes_ends_in_a_signature_of_the_same_digest(string fault, KeyBackendFailure once)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: Patient);
        bed.Hsm.On(r => r.IsSign, FaultOf(fault), times: 2);

        await bed.SignAndVerifyAsync();

        Assert.NotEqual(KeyBackendFailure.Rejected, once);
        AssertOneDigest(bed, attempts: 3);
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task A_refusal_is_told_at_once(string fault, KeyBackendFailure expected)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: Patient);
        bed.Hsm.On(r => r.IsSign, FaultOf(fault));

        await bed.FailsAsync(expected, () => bed.SignAsync(Digests.Of("one")));

        AssertOneDigest(bed, attempts: 1);
        bed.Hsm.Mend();
        await bed.SignAndVerifyAsync();
        TestReport.Add($"managed hsm, {fault}", $"1 attempt, {expected}");
    }

    [Fact]
    public async Task A_flipped_bit_is_not_a_signature()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: Patient);
        bed.Hsm.On(r => r.IsSign, HsmFaults.FlippedBit);

        Core.Results.Result<IReadOnlyList<byte[]>> signed =
            await new KeyBackendGuard(bed.Backend).SignAsync(bed.Key, Core.Algorithms.SignatureAlgorithm.EcdsaSha256, Digests.Some(1), Cancellation);

        Assert.Equal(Core.Results.SamErrorCode.SignatureNotVerified, signed.Refusal!.Code);
        AssertOneDigest(bed, attempts: 1);
    }

    [Fact]
    public async Task A_batch_with_a_refused_digest_releases_none_and_hands_over_no_more()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: options =>
        {
            Patient(options);
            options.MaxConcurrentCallsPerBatch = 1;
        });
        byte[] third = Digests.Some(10)[2].Value.ToArray();
        bed.Hsm.On(r => r.IsSign && r.Bytes("value")!.SequenceEqual(third), HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"));

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.SignAsync(Digests.Some(10)));

        Assert.Equal(3, bed.Signs.Count);
    }

    [Fact]
    public async Task A_disabled_key_is_refused_and_signs_again_when_it_is_enabled()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: Patient);
        string name = bed.Key.Reference.Value.Split('/')[0];
        bed.Hsm.SetEnabled(name, enabled: false);

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.SignAsync(Digests.Of("one")));

        bed.Hsm.SetEnabled(name, enabled: true);
        await bed.SignAndVerifyAsync();
    }

    [Fact]
    public async Task The_check_asks_the_hsm_and_fails_when_it_is_refused_or_not_answered()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(TimeProvider.System, change: Patient);
        await bed.Backend.CheckAsync(Cancellation);
        bed.Hsm.On(_ => true, HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"), times: 1);
        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.CheckAsync(Cancellation));
        bed.Hsm.On(_ => true, HsmFaults.Foreign(404), times: 1);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.CheckAsync(Cancellation));
        bed.Hsm.On(_ => true, HsmFaults.RequestLost);
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.CheckAsync(Cancellation));

        bed.Hsm.Mend();
        await bed.Backend.CheckAsync(Cancellation);
    }

    // On a busy machine nothing here is late: the faults come by themselves, and pauses are tenths of a second.
    private static void Patient(ManagedHsmOptions options) =>
        options.AttemptTimeout = options.OperationTimeout = TimeSpan.FromSeconds(9);

    private static HsmFault FaultOf(string fault) => fault switch
    {
        "429 without a wait" => HsmFaults.Refused(429, "Throttled"),
        "429 with a short wait" => HsmFaults.Refused(429, "Throttled", retryAfter: "0"),
        "429 with a long wait" => HsmFaults.Refused(429, "Throttled", retryAfter: "60"),
        "500" => HsmFaults.Refused(500, "InternalServerError"),
        "502 of something else" => HsmFaults.Foreign(502),
        "503" => HsmFaults.Refused(503, "ServiceUnavailable"),
        "408" => HsmFaults.Refused(408, "RequestTimeout"),
        "504" => HsmFaults.Refused(504, "GatewayTimeout"),
        "request lost" => HsmFaults.RequestLost,
        "answer lost" => HsmFaults.AnswerLost,
        "answer cut" => HsmFaults.Truncated,
        "answer garbled" => HsmFaults.Garbled,
        "answer endless" => HsmFaults.Endless,
        "signature short" => HsmFaults.ShortValue,
        "another key's answer" => HsmFaults.OtherKey,
        "400" => HsmFaults.Refused(400, "BadParameter"),
        "404" => HsmFaults.Refused(404, "KeyNotFound"),
        "404 of something else" => HsmFaults.Foreign(404),
        "409" => HsmFaults.Refused(409, "Conflict", "ObjectIsBeingRecovered"),
        "redirect" => HsmFaults.Redirected("https://evil.example/keys"),
        _ when fault.Split(' ') is [string status, string inner] =>
            HsmFaults.Refused(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), status == "403" ? "Forbidden" : "Conflict", inner),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "No such fault."),
    };

    private static void AssertOneDigest(ManagedHsmBed bed, int attempts)
    {
        Assert.Equal(attempts, bed.Signs.Count);
        Assert.Single(bed.Signs.Select(r => r.Text("value")).Distinct());
    }
}
