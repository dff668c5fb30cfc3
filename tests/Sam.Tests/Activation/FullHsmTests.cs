using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Activation;

/// <summary>What the HSM could not sign soon is refused before it is read or spent (security decision 7).</summary>
[Trait("Requirement", "SIG-3")]
public sealed class FullHsmTests
{
    private static readonly ActivationModuleOptions _threeDigests = new() { Activation = new ActivationPolicy { MaxDigestsInHand = 3 } };

    [Fact]
    public async Task A_full_gate_refuses_before_anything_is_read_audited_or_spent()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_threeDigests);
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] three = [.. Digests.Some(3)];
        SecretText first = await bed.AuthorizeAsync(signer, three);
        SecretText second = await bed.AuthorizeAsync(signer, three[0]);
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        bed.Hsm.BeforeSign = () =>
        {
            reached.SetResult();
            return goOn.Task;
        };
        Task<Result<IReadOnlyList<byte[]>>> signing = bed.SignAsync(signer, first, three);
        await reached.Task;
        (int, int) before = (bed.Rows.Calls.Count, bed.Audit.Calls.Count);

        Assert.Equal(SamErrorCode.Overloaded, (await bed.SignAsync(signer, second, three[0])).Refusal?.Code);

        Assert.Equal(before, (bed.Rows.Calls.Count, bed.Audit.Calls.Count));
        bed.Hsm.BeforeSign = null;
        goOn.SetResult();
        Assert.Null((await signing).Refusal);
        Assert.Null((await bed.SignAsync(signer, second, three[0])).Refusal);
    }

    [Fact]
    public async Task A_place_is_given_back_when_a_request_is_refused_or_fails()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_threeDigests);
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] three = [.. Digests.Some(3)];
        SecretText sad = await bed.AuthorizeAsync(signer, three);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(SamErrorCode.HashNotAuthorized, (await bed.SignAsync(signer, sad, [.. Digests.Some(2), Digests.Of("another")])).Refusal?.Code);
        }

        bed.Hsm.BeforeSign = () => throw new KeyBackendException(KeyBackendFailure.Unavailable, "away");
        await Assert.ThrowsAsync<KeyBackendException>(() => bed.SignAsync(signer, sad, three));
        bed.Hsm.BeforeSign = null;
        Assert.Null((await bed.SignAsync(signer, await bed.AuthorizeAsync(signer, three), three)).Refusal);
    }

    /// <summary>A genuine SAD and a long list of hashes are no way to keep the others out: only what is authorized counts.</summary>
    [Fact]
    public async Task What_is_not_authorized_takes_no_place()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_threeDigests);
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] three = [.. Digests.Some(3)];
        SecretText good = await bed.AuthorizeAsync(signer, three);
        SecretText bad = await bed.AuthorizeAsync(signer, three[0]);
        TaskCompletionSource reached = new();
        TaskCompletionSource goOn = new();
        bed.Rows.Before = async call =>
        {
            if (!call.IsWrite)
            {
                bed.Rows.Before = null;
                reached.SetResult();
                await goOn.Task;
            }
        };
        Task<Result<IReadOnlyList<byte[]>>> held = bed.SignAsync(signer, bad, [.. Digests.Some(100)]);
        await reached.Task;

        Assert.Null((await bed.SignAsync(signer, good, three)).Refusal);

        goOn.SetResult();
        Assert.Equal(SamErrorCode.TooManyHashes, (await held).Refusal?.Code);
    }

    /// <summary>Both were let in to read while there was room, and there is room for one: the other keeps its SAD, and nothing is audited for it.</summary>
    [Fact]
    public async Task A_gate_that_fills_while_the_rows_are_read_refuses_before_the_spend()
    {
        await using SamTestBed bed = await SamTestBed.OpenAsync(_threeDigests);
        TestSigner signer = await bed.AddSignerAsync();
        Digest[] three = [.. Digests.Some(3)];
        SecretText first = await bed.AuthorizeAsync(signer, three);
        SecretText second = await bed.AuthorizeAsync(signer, three[0]);
        TaskCompletionSource reading = new();
        TaskCompletionSource readOn = new();
        bed.Rows.Before = async call =>
        {
            bed.Rows.Before = null;
            reading.SetResult();
            await readOn.Task;
        };
        Task<Result<IReadOnlyList<byte[]>>> late = bed.SignAsync(signer, second, three[0]);
        await reading.Task;
        TaskCompletionSource signing = new();
        TaskCompletionSource signOn = new();
        bed.Hsm.BeforeSign = () =>
        {
            signing.SetResult();
            return signOn.Task;
        };
        Task<Result<IReadOnlyList<byte[]>>> early = bed.SignAsync(signer, first, three);
        await signing.Task;
        int audited = bed.Audit.Calls.Count;

        readOn.SetResult();
        Assert.Equal(SamErrorCode.Overloaded, (await late).Refusal?.Code);

        Assert.Equal(audited, bed.Audit.Calls.Count);
        bed.Hsm.BeforeSign = null;
        signOn.SetResult();
        Assert.Null((await early).Refusal);
        Assert.Null((await bed.SignAsync(signer, second, three[0])).Refusal);
    }

    [Fact]
    public void The_gate_counts_digests_and_lets_a_large_batch_in_where_any_place_is_left()
    {
        HsmGate gate = new(10);
        using HsmGate.Place nine = gate.NewPlace();
        using HsmGate.Place large = gate.NewPlace();
        using HsmGate.Place one = gate.NewPlace();
        Assert.True(nine.TryTake(9));
        Assert.False(gate.IsFull);
        Assert.True(large.TryTake(1_000));
        Assert.True(gate.IsFull);
        Assert.False(one.TryTake(1));

        large.Dispose();
        large.Dispose();
        Assert.False(gate.IsFull);
        Assert.True(one.TryTake(1));
        Assert.True(gate.IsFull);
        nine.Dispose();
        Assert.False(gate.IsFull);
    }
}
