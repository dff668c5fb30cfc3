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

    [Fact]
    public void The_gate_counts_digests_and_lets_a_large_batch_in_where_any_place_is_left()
    {
        HsmGate gate = new(10);
        IDisposable? nine = gate.TryEnter(9);
        IDisposable? large = gate.TryEnter(1_000);
        Assert.NotNull(nine);
        Assert.NotNull(large);
        Assert.Null(gate.TryEnter(1));

        large.Dispose();
        large.Dispose();
        IDisposable? last = gate.TryEnter(1);
        Assert.NotNull(last);
        Assert.Null(gate.TryEnter(1));
        nine.Dispose();
        Assert.NotNull(gate.TryEnter(1));
    }
}
