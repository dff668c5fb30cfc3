using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Several HSMs: a key is where its reference says, and an HSM that is away harms nobody else's keys.</summary>
public sealed class PoolTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_signature_is_one_request_to_the_hsm_that_its_key_names_and_none_to_the_other()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider());
        SigningKey inA = await bed.GenerateInAsync("a");
        SigningKey inB = await bed.GenerateInAsync("b");
        await bed.Backend.CheckAsync(Cancellation);
        bed.Forget();

        for (int i = 1; i <= 10; i++)
        {
            await bed.SignAndVerifyAsync(inB);
            Assert.Equal((0, i), (bed.A.Requests.Count, bed.B.Requests.Count));
        }

        await bed.SignAndVerifyAsync(inA);
        Assert.Equal($"/keys/{inA.Reference.Value[2..]}/sign", Assert.Single(bed.A.Requests).Path);
        Assert.Equal(10, bed.B.Requests.Count);
        TestReport.Add("managed hsm, two pools, requests per signature", "10 for 10 at the key's HSM, 0 at the other");
    }

    [Fact]
    public async Task A_reference_that_names_the_other_pool_or_none_that_there_is_finds_nothing()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider());
        SigningKey inA = await bed.GenerateInAsync("a");
        string name = inA.Reference.Value[2..];
        KeyReference moved = KeyReference.Parse($"b/{name}");

        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.SignAsync(moved));
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.GetPublicKeyAsync(moved, Cancellation));
        await bed.Backend.DestroyKeyAsync(moved, Cancellation);
        await bed.SignAndVerifyAsync(inA);

        KeyReference wrapping = KeyReference.Parse((await bed.Backend.CreateWrappingKeyAsync(Cancellation)).Value.Replace("a/", "c/", StringComparison.Ordinal));
        KeyReference mac = KeyReference.Parse((await bed.Backend.CreateMacKeyAsync(Cancellation)).Value.Replace("a/", "c/", StringComparison.Ordinal));
        bed.Forget();
        foreach (string pool in (string[])["c", "A", "", "a/b", "a/a"])
        {
            KeyReference stranger = KeyReference.Parse($"{pool}/{name}");
            _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.SignAsync(stranger));
            _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.GetPublicKeyAsync(stranger, Cancellation));
        }

        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.WrapAsync(wrapping, new byte[32], Cancellation));
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.UnwrapAsync(wrapping, new byte[40], Cancellation));
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.ComputeMacAsync(mac, new byte[1], Cancellation));

        // A key that may be in a pool which was taken out of the settings is not reported as destroyed.
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Backend.DestroyKeyAsync(KeyReference.Parse($"c/{name}"), Cancellation));
        Assert.Empty(bed.A.Requests);
        Assert.Empty(bed.B.Requests);
    }

    [Fact]
    public async Task A_reference_without_a_pool_is_a_key_of_the_first_one()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider());
        SigningKey inA = await bed.GenerateInAsync("a");
        SigningKey inB = await bed.GenerateInAsync("b");

        await bed.SignAndVerifyAsync(inA with { Reference = KeyReference.Parse(inA.Reference.Value[2..]) });
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.SignAsync(KeyReference.Parse(inB.Reference.Value[2..])));
    }

    [Fact]
    public async Task The_SAMs_own_keys_are_in_the_first_pool()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider());
        for (int i = 0; i < 3; i++)
        {
            KeyReference wrapping = await bed.Backend.CreateWrappingKeyAsync(Cancellation);
            KeyReference mac = await bed.Backend.CreateMacKeyAsync(Cancellation);
            _ = await bed.Backend.UnwrapAsync(wrapping, await bed.Backend.WrapAsync(wrapping, new byte[32], Cancellation), Cancellation);
            _ = await bed.Backend.ComputeMacAsync(mac, new byte[1], Cancellation);
            Assert.StartsWith("a/wrap-", wrapping.Value, StringComparison.Ordinal);
            Assert.StartsWith("a/mac-", mac.Value, StringComparison.Ordinal);
        }

        Assert.Empty(bed.B.Requests);
    }

    [Fact]
    public async Task An_hsm_that_is_away_harms_no_key_of_another_and_is_named()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(TimeProvider.System, options => options.AttemptTimeout = options.OperationTimeout = TimeSpan.FromSeconds(9));
        SigningKey inA = await bed.GenerateInAsync("a");
        SigningKey inB = await bed.GenerateInAsync("b");
        await bed.Backend.CheckAsync(Cancellation);
        bed.B.On(_ => true, HsmFaults.RequestLost);
        bed.Forget();

        string told = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.CheckAsync(Cancellation));
        Assert.StartsWith("Managed HSM: 1 of 2 pools do not serve: b: Managed HSM 'b': ", told, StringComparison.Ordinal);
        Assert.Single(bed.A.Requests);

        // Three failures and one more open the circuit of b. The check was none of them.
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(inB.Reference));
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(inB.Reference));
        int sent = bed.B.Requests.Count;
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(inB.Reference));
        Assert.Equal(sent, bed.B.Requests.Count);
        for (int i = 0; i < 3; i++)
        {
            await bed.SignAndVerifyAsync(inA);
        }

        Assert.Equal(4, bed.A.Requests.Count);

        bed.B.Mend();
        await bed.Backend.CheckAsync(Cancellation);
        bed.A.On(_ => true, HsmFaults.RequestLost);
        bed.B.On(_ => true, HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"));
        told = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.CheckAsync(Cancellation));
        Assert.Contains("2 of 2 pools do not serve: a: ", told, StringComparison.Ordinal);
        Assert.Contains("ForbiddenByRbac", told, StringComparison.Ordinal);
        TestReport.Add("managed hsm, one of two pools away", "its circuit opens after 4 failures; 3 of 3 signatures by the other pool, 1 request each");
    }
}
