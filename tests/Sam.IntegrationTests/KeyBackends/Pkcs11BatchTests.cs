using Net.Pkcs11Interop.Common;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Hsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.KeyBackends;

/// <summary>A thousand signatures by one approval, and an HSM that fails in the middle of them.</summary>
[Trait("Requirement", "APX-1")]
[Trait("Requirement", "APX-3")]
public sealed class Pkcs11BatchTests
{
    private const int Many = 1_000;

    private static readonly ActivationModuleOptions _options = new() { Activation = new ActivationPolicy { MaxDigestsInHand = Many } };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_are_signed_in_one_request_on_half_of_the_sessions()
    {
        await using ModuleOnHsm bed = await ModuleOnHsm.OpenAsync(maxSessions: 8, _options, Many);
        Digest[] digests = [.. Digests.Some(Many)];
        Assert.Null(await bed.SignAsync(await bed.AuthorizeAsync(digests), digests));
        Assert.Equal(Many, bed.AuditRecords().Single(r => r.Event == AuditEvent.SignaturesReleased).SignatureDigests?.Count);
        Assert.InRange(bed.Shim.OpenSessions(), 1, 5);
    }

    [Fact]
    public async Task After_a_fault_in_the_middle_the_rest_goes_on_under_the_same_approval_and_each_hash_has_an_outcome()
    {
        await using ModuleOnHsm bed = await ModuleOnHsm.OpenAsync(maxSessions: 8, _options, Many);
        Digest[] digests = [.. Digests.Some(Many)];
        SecretText sad = await bed.AuthorizeAsync(digests);
        int before = bed.Shim.SignCount();

        // Slow enough to be met in the middle.
        bed.Shim.Inject(Pkcs11Shim.Sign, ShimFault.Delay(TimeSpan.FromMilliseconds(4)), always: true);
        Task<SamErrorCode?> signing = Task.Run(() => bed.SignAsync(sad, digests), Cancellation);
        await bed.Shim.WaitForAsync(Pkcs11Shim.Sign, Cancellation, before + 450);
        bed.Shim.Inject(Pkcs11Shim.Sign, ShimFault.Fail((ulong)CKR.CKR_FUNCTION_FAILED));
        Assert.Equal(SamErrorCode.HsmUnavailable, await signing);
        bed.Shim.Clear(Pkcs11Shim.Sign);
        int made = bed.Shim.SignCount() - before;

        AuditRecord failed = bed.AuditRecords().Single(r => r.Event == AuditEvent.SigningFailed);
        int handedOver = Assert.IsType<int>(failed.HandedOver);
        int signed = failed.SignatureDigests?.Count ?? 0;
        Assert.InRange(handedOver, 450, Many - 1);
        Assert.InRange(signed, 1, handedOver - 1);
        Assert.InRange(made, signed + 1, handedOver);

        IssuedSad next = await bed.ExtendAsync(sad);
        Assert.Equal(digests[handedOver..], next.Digests);
        Assert.Equal(SamErrorCode.HashNotAuthorized, await bed.SignAsync(next.Sad, digests[handedOver - 1]));
        Assert.Null(await bed.SignAsync(next.Sad, digests[handedOver..]));
        Assert.Equal(SamErrorCode.SadSpent, await bed.SignAsync(sad, digests));
        Assert.Equal(made + Many - handedOver, bed.Shim.SignCount() - before);
    }
}
