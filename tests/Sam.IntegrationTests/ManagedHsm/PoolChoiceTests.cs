using Microsoft.Extensions.Time.Testing;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Management;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Which of several HSMs gets a new key.</summary>
public sealed class PoolChoiceTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_spread_also_when_they_are_made_at_a_time()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);

        SigningKey[] keys = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => bed.GenerateAsync()));

        Assert.Equal((6, 6), (keys.Count(key => TwoPoolsBed.PoolOf(key) == "a"), keys.Count(key => TwoPoolsBed.PoolOf(key) == "b")));
        Assert.Equal((6, 6), (bed.A.KeyNames.Count, bed.B.KeyNames.Count));
        TestReport.Add("managed hsm, two pools, 12 keys at a time", "6 and 6");
    }

    [Fact]
    public async Task Others_keys_count_and_are_counted_page_by_page_every_ten_minutes()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);
        await FillAsync(bed, bed.A, 60);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        }

        Assert.Equal((3, 1), (Lists(bed.A), Lists(bed.B)));
        await FillAsync(bed, bed.B, 80);
        Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("a", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        Assert.Equal((6, 5), (Lists(bed.A), Lists(bed.B)));
    }

    [Fact]
    public async Task A_full_hsm_gets_no_key_and_when_all_are_full_one_line_says_so()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock, options => (options.Pools[0].MaxKeys, options.Pools[1].MaxKeys) = (3, 2));
        _ = await bed.Backend.CreateMacKeyAsync(Cancellation);
        for (int i = 0; i < 4; i++)
        {
            _ = await bed.GenerateAsync();
        }

        bed.Forget();
        string told = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Rejected, bed.GenerateAsync);

        Assert.Equal("Managed HSM: all pools are full (a: 3 of 3, b: 2 of 2); signers' keys need another pool.", told);
        Assert.Equal((3, 2), (bed.A.KeyNames.Count, bed.B.KeyNames.Count));
        Assert.DoesNotContain(bed.A.Requests.Concat(bed.B.Requests), r => r.Operation == "create");

        // The SAM's own keys are made all the same; and room that somebody has made is found.
        await bed.Backend.DestroyKeyAsync(await bed.Backend.CreateMacKeyAsync(Cancellation), Cancellation);
        _ = await bed.ManagementOf(bed.B).DeleteAsync(bed.B.KeyNames.First(), Cancellation);
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Rejected, bed.GenerateAsync);
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
    }

    [Fact]
    public async Task Keys_that_are_made_at_a_time_do_not_overfill_and_a_key_that_was_not_made_takes_no_place()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock, options => options.Pools[0].MaxKeys = options.Pools[1].MaxKeys = 2);
        bed.A.On(r => r.Operation == "create", HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"), times: 1);
        Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));

        Task<SigningKey>[] making = [.. Enumerable.Range(0, 6).Select(_ => bed.GenerateAsync())];
        int refused = 0;
        foreach (Task<SigningKey> key in making)
        {
            try
            {
                _ = await key;
            }
            catch (KeyBackendException full)
            {
                Assert.Contains("all pools are full", full.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.Equal(3, refused);
        Assert.Equal((2, 2), (bed.A.KeyNames.Count, bed.B.KeyNames.Count));
    }

    [Fact]
    public async Task An_hsm_that_became_full_while_another_was_tried_gets_no_key()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock, options => (options.Pools[0].MaxKeys, options.Pools[1].MaxKeys) = (2, 1));
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.A.On(r => r.Operation == "create", async exchange =>
        {
            await released.Task;
            await HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac")(exchange);
        });
        Task<SigningKey>[] making = [bed.GenerateAsync(), bed.GenerateAsync()];
        await bed.A.ArrivalAsync(r => r.Operation == "create", 2, Cancellation);
        Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));

        released.SetResult();

        foreach (Task<SigningKey> key in making)
        {
            _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Rejected, () => key);
        }

        Assert.Single(bed.B.KeyNames);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("refused")]
    [InlineData("not what was asked for")]
    public async Task An_hsm_that_makes_no_key_does_not_stop_the_other_and_is_asked_last_for_a_minute(string how)
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);
        bed.A.On(r => r.Operation == "create", how == "lost" ? HsmFaults.RequestLost : how == "refused" ? HsmFaults.Refused(403, "Forbidden", "LimitReached") : HsmFaults.None);
        bed.A.ChangeCreation = how[0] == 'n' ? parameters => parameters["crv"] = "P-384" : null;

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        }

        Assert.Equal(1, Creations(bed.A));
        bed.A.Mend();
        bed.A.ChangeCreation = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("a", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
    }

    [Fact]
    public async Task An_hsm_that_says_nothing_leaves_time_for_the_other()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);
        bed.A.On(r => r.Operation == "create", HsmFaults.AnswerSilent);

        Task<SigningKey> making = bed.GenerateAsync();
        await bed.A.ArrivalAsync(r => r.Operation == "create", 1, Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal("b", TwoPoolsBed.PoolOf(await making));

        // What it made after all is not left behind. Both bear the one name that was written down, by which they would be abandoned.
        Assert.Empty(bed.A.KeyNames);
        Assert.Equal(bed.A.Requests.First(r => r.Operation == "create").KeyName, Assert.Single(bed.B.KeyNames));
    }

    [Fact]
    [Trait("Requirement", "REG-3")]
    public async Task An_abandoned_name_is_destroyed_in_all_pools_and_one_that_is_away_is_told()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);
        KeyName name = KeyName.New();
        foreach (FakeManagedHsm hsm in bed.Hsms)
        {
            _ = await bed.ManagementOf(hsm).CreateAsync(new($"sign-{name}", "EC-HSM", SizeInBits: null, "P-256", ["sign"]), Cancellation);
        }

        bed.A.On(r => r.Method == "DELETE", HsmFaults.Refused(503, "ServiceUnavailable"), times: 1);
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.AbandonKeyAsync(name, Cancellation));
        Assert.Equal((1, 0), (bed.A.KeyNames.Count, bed.B.KeyNames.Count));

        // Who asks again is not stopped by what is done already.
        await bed.Backend.AbandonKeyAsync(name, Cancellation);
        Assert.Empty(bed.A.KeyNames);
    }

    [Fact]
    public async Task An_hsm_that_cannot_be_counted_comes_last_and_is_asked_when_the_others_are_full()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock, options => options.Pools[1].MaxKeys = 2);
        bed.A.On(r => r.Path == "/keys", HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"));

        Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        Assert.Equal("b", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        Assert.Equal("a", TwoPoolsBed.PoolOf(await bed.GenerateAsync()));
        Assert.Equal(1, Lists(bed.A));
    }

    [Fact]
    public async Task An_hsm_that_says_nothing_when_it_is_counted_is_waited_for_once()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);
        _ = await bed.GenerateAsync();
        bed.A.On(r => r.Path == "/keys", HsmFaults.RequestSilent);
        _clock.Advance(TimeSpan.FromMinutes(10));

        Task<SigningKey> making = bed.GenerateAsync();
        await bed.A.ArrivalAsync(r => r.Path == "/keys", 2, Cancellation);
        Assert.False(making.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(15));
        _ = await making;

        // Asked again after a minute, by nobody who waits for it.
        _clock.Advance(TimeSpan.FromMinutes(1));
        _ = await bed.GenerateAsync();
        await bed.A.ArrivalAsync(r => r.Path == "/keys", 3, Cancellation);
    }

    [Fact]
    public async Task When_no_hsm_makes_the_key_all_are_named()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(_clock);
        bed.A.On(r => r.Operation == "create", HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"));
        bed.B.On(r => r.Operation == "create", HsmFaults.Refused(503, "ServiceUnavailable"));

        string told = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, bed.GenerateAsync);

        Assert.StartsWith("Managed HSM: no pool has made the key: a: ", told, StringComparison.Ordinal);
        Assert.Contains("403 Forbidden ForbiddenByRbac", told, StringComparison.Ordinal);
        Assert.Contains(" b: ", told, StringComparison.Ordinal);
        Assert.Contains("503 ServiceUnavailable", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_hsm_is_not_counted()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(_clock);

        SigningKey key = await bed.Backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation);

        Assert.Equal(2, key.Reference.Value.Split('/').Length);
        Assert.Equal(0, Lists(bed.Hsm));
    }

    private static int Lists(FakeManagedHsm hsm) => hsm.Requests.Count(r => r is { IsAuthorized: true, Method: "GET", Path: "/keys" });

    private static int Creations(FakeManagedHsm hsm) => hsm.Requests.Count(r => r.Operation == "create");

    private static async Task FillAsync(TwoPoolsBed bed, FakeManagedHsm hsm, int keys)
    {
        RestKeyManagement management = bed.ManagementOf(hsm);
        for (int i = 0; i < keys; i++)
        {
            _ = await management.CreateAsync(new KeyCreation($"other-{hsm.KeyNames.Count}", "EC-HSM", SizeInBits: null, "P-256", ["sign"]), Cancellation);
        }
    }
}
