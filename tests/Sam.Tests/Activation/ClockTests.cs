using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Encryption;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.InMemory;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>Whose clock decides, and what becomes of a SAD whose end comes in the middle of its use.</summary>
[Trait("Requirement", "SIG-2d")]
public sealed class ClockTests
{
    private static readonly Digest _digest = Digests.Of("contract");

    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(60);

    private static readonly ActivationModuleOptions _options = new() { Activation = new ActivationPolicy { SadLifetime = _lifetime }, Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None } };

    /// <summary>A process whose machine's clock is wrong, and jumps between the two calls: the store's clock alone decides.</summary>
    [Theory]
    [InlineData(-3_600, 3_600)]
    [InlineData(3_600, -3_600)]
    [InlineData(-86_400, 0)]
    [InlineData(86_400, 0)]
    [InlineData(0, 86_400)]
    [InlineData(0, -86_400)]
    public async Task The_machines_clock_neither_ends_nor_revives_a_sad(int skew, int jump)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_options);
        TestSigner signer = await bed.AddSignerAsync();
        MovedClock machine = new() { Moved = TimeSpan.FromSeconds(skew) };
        await using ActivationModule sam = await ActivationModule.OpenAsync(
            bed.Rows, bed.Audit, bed.Hsm, bed.PasswordHash, _options, machine, TestContext.Current.CancellationToken);

        SecretText first = (await sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digest), CancellationToken.None)).Value.Sad;
        SecretText second = (await sam.AuthorizeAsync(bed.AuthorizationOf(signer, _digest), CancellationToken.None)).Value.Sad;
        machine.Moved += TimeSpan.FromSeconds(jump);
        bed.Clock.Advance(_lifetime - TimeSpan.FromMilliseconds(1));
        Assert.Single((await sam.SignHashAsync(bed.SigningOf(signer, first, _digest), CancellationToken.None)).Value);

        machine.Moved -= TimeSpan.FromDays(2);
        bed.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(SamErrorCode.SadExpired, (await sam.SignHashAsync(bed.SigningOf(signer, second, _digest), CancellationToken.None)).Refusal?.Code);
    }

    /// <summary>One front end of the store with a wrong date costs a refusal while it is asked, spends nothing, and leaves no trace.</summary>
    [Theory]
    [InlineData(3_600)]
    [InlineData(86_400)]
    public async Task A_store_that_is_ahead_for_a_moment_ends_no_sad_for_good(int seconds)
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_options);
        TestSigner signer = await bed.AddSignerAsync();
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        MisdatedRowStore wrong = new(bed.Rows) { Error = TimeSpan.FromSeconds(seconds) };
        await using ActivationModule sam = await ActivationModule.OpenAsync(
            wrong, bed.Audit, bed.Hsm, bed.PasswordHash, _options, bed.Clock, TestContext.Current.CancellationToken);

        Assert.Equal(SamErrorCode.SadExpired, (await sam.SignHashAsync(bed.SigningOf(signer, sad, _digest), CancellationToken.None)).Refusal?.Code);
        wrong.Error = TimeSpan.Zero;
        Assert.Single((await sam.SignHashAsync(bed.SigningOf(signer, sad, _digest), CancellationToken.None)).Value);
    }

    /// <summary>
    /// The SAD's end comes at each request of signHash in turn, a millisecond early, to the millisecond, and one late; with exact dates and with whole seconds.
    /// Whatever comes of it, nothing is released under a store's clock that says it is over.
    /// </summary>
    [Fact]
    public async Task Nothing_is_released_by_a_sad_that_ended_meanwhile()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_options);
        TestSigner signer = await bed.AddSignerAsync();
        Dictionary<string, int> outcomes = [];
        int calls = await CountCallsAsync(bed, signer);
        foreach ((bool wholeSeconds, int at, int milliseconds) in
            from whole in new[] { false, true } from call in Enumerable.Range(0, calls) from past in new[] { -1, 0, 1 } select (whole, call, past))
        {
            bed.Table.WholeSecondDates = wholeSeconds;
            string outcome = await EndAtAsync(bed, signer, at, TimeSpan.FromMilliseconds(milliseconds));
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        Assert.Equal(["ended", "ended while signing", "signed"], outcomes.Keys.Order(StringComparer.Ordinal));
        string histogram = string.Join(", ", outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Value} {o.Key}"));
        TestReport.Add("clocks: a SAD's end", $"{calls} requests × 3 moments × exact dates and whole seconds: {histogram}");
    }

    private static async Task<int> CountCallsAsync(SamTestBed bed, TestSigner signer)
    {
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        bed.Rows.ForgetCalls();
        _ = (await bed.SignAsync(signer, sad, _digest)).Value;
        return bed.Rows.Calls.Count;
    }

    private static async Task<string> EndAtAsync(SamTestBed bed, TestSigner signer, int at, TimeSpan past)
    {
        SecretText sad = await bed.AuthorizeAsync(signer, _digest);
        DateTimeOffset end = new SadCodec(bed.SystemKeys.Envelope, bed.SystemKeys.Epoch).Open(sad).Value.ExpiresAt;
        bed.Clock.Advance(end.AddSeconds(-1) - bed.Clock.GetUtcNow());
        int before = bed.Hsm.SignCalls;
        int call = 0;
        DateTimeOffset said = default;
        bed.Rows.Before = _ =>
        {
            if (call++ == at)
            {
                bed.Clock.Advance(end + past - bed.Clock.GetUtcNow());
            }

            return Task.CompletedTask;
        };
        bed.Rows.After = async asked => said = asked.Kind == RowStoreCallKind.Time ? await bed.Table.GetTimeAsync(CancellationToken.None) : said;
        Result<IReadOnlyList<byte[]>> signed = await bed.SignAsync(signer, sad, _digest);
        (bed.Rows.Before, bed.Rows.After) = (null, null);
        int used = bed.Hsm.SignCalls - before;
        if (signed.Refusal is null)
        {
            // The last time that the store told was before the end.
            Assert.True(said < end);
            Assert.Equal(1, used);
            return "signed";
        }

        Assert.Equal(SamErrorCode.SadExpired, signed.Refusal.Code);
        Assert.True(said >= end);
        AuditRecord last = bed.AuditRecords()[^1];
        Assert.Equal((used == 1 ? AuditEvent.SigningFailed : AuditEvent.SigningRefused, nameof(SamErrorCode.SadExpired)), (last.Event, last.Cause));
        return used == 1 ? "ended while signing" : "ended";
    }

    /// <summary>Runs, and says another date than it is.</summary>
    private sealed class MovedClock : TimeProvider
    {
        internal TimeSpan Moved { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Moved;
    }
}
