using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.Testing.ManagedHsm;
using Sam.Testing.Run;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Somebody in the HSM's place who wants the SAM's token, or a token for something else.</summary>
public sealed class ChallengeTests
{
    private const string Authority = "authorization=\"https://login.microsoftonline.com/00000000-0000-0000-0000-00000000beef\"";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Bearer " + Authority + ", resource=\"https://vault.azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://storage.azure.com\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://evil.example\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://managedhsm.azure.net.evil.example\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://evilmanagedhsm.azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://sam-test.managedhsm.azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://managedhsm.azure.net@evil.example\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://evil@managedhsm.azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://managedhsm.azure.net:8443\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://managedhsm.azure.net/other\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://managedhsm.azure.net?x\"")]
    [InlineData("Bearer " + Authority + ", resource=\"http://managedhsm.azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"managedhsm.azure.net\"")]
    [InlineData("Bearer " + Authority + ", resource=\"\"")]
    [InlineData("Bearer " + Authority + ", resource=\"https://managedhsm.azure.net\", resource=\"https://evil.example\"")]
    [InlineData("Bearer " + Authority + ", scope=\"https://evil.example/.default\"")]
    [InlineData("Bearer " + Authority)]
    [InlineData("Bearer")]
    [InlineData("Basic realm=\"hsm\"")]
    [InlineData("PoP resource=\"https://managedhsm.azure.net\"")]
    [Trait("Requirement", "T-INS-3")]
    public async Task A_challenge_for_anything_but_the_hsms_own_domain_gets_no_token(string challenge)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        bed.Hsm.Challenge = challenge;
        int asked = bed.Credential.Asked.Count;

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.SignAsync(Digests.Of("one")));

        Assert.Equal(asked, bed.Credential.Asked.Count);
        HsmRequest only = Assert.Single(bed.Hsm.Requests);
        Assert.False(only.IsAuthorized);
        Assert.Empty(only.Body);
        TestReport.Add("managed hsm, false challenge", $"no token for: {challenge[..Math.Min(challenge.Length, 6)]} {challenge[(challenge.IndexOf(',', StringComparison.Ordinal) + 1)..]}");
    }

    [Theory]
    [InlineData("Bearer authorization=\"https://login.microsoftonline.com/common\", resource=\"https://managedhsm.azure.net\"", null)]
    [InlineData("Bearer resource=\"https://managedhsm.azure.net\"", null)]
    [InlineData("bearer resource=\"https://MANAGEDHSM.azure.net\", " + Authority, "00000000-0000-0000-0000-00000000beef")]
    public async Task A_tenant_is_taken_only_if_it_is_one(string challenge, string? tenant)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        bed.Hsm.Challenge = challenge;

        await bed.SignAndVerifyAsync();

        Assert.Equal((tenant, "https://managedhsm.azure.net/.default"), (bed.Credential.Asked[^1].TenantId, Assert.Single(bed.Credential.Asked[^1].Scopes)));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        FakeCredential credential = new();
        await using FakeManagedHsm elsewhere = await FakeManagedHsm.StartAsync(FakeManagedHsm.KeyVaultHost, credential);
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        bed.Hsm.On(_ => true, HsmFaults.Redirected($"{elsewhere.Endpoint}keys/x/y/sign"));

        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(Digests.Of("one")));

        Assert.Single(bed.Signs);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_server_with_another_certificate_hears_nothing()
    {
        FakeCredential credential = new();
        await using FakeManagedHsm real = await FakeManagedHsm.StartAsync(FakeManagedHsm.ManagedHsmHost, credential);
        await using FakeManagedHsm impostor = await FakeManagedHsm.StartAsync(FakeManagedHsm.ManagedHsmHost, credential);
        using RestKeyManagement management = new(real, credential);
        ManagedHsmOptions options = ManagedHsmBed.Options(real, credential);
        options.ConfigureTransport = handler =>
        {
            // The way leads to the impostor, and what is trusted is the real one's certificate.
            impostor.Redirect(handler);
            Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> toImpostor = handler.ConnectCallback!;
            real.Redirect(handler);
            handler.ConnectCallback = toImpostor;
        };
        await using ManagedHsmKeyBackend backend = new(options, (_, _) => management, TimeProvider.System);

        KeyBackendException failure = await Assert.ThrowsAsync<KeyBackendException>(() => backend.CheckAsync(Cancellation));

        Assert.Equal(KeyBackendFailure.Unavailable, failure.Failure);
        Assert.Empty(impostor.Requests);
        Assert.Empty(credential.Asked);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_not_asked_for_again_and_again()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        await bed.SignAndVerifyAsync();
        int asked = bed.Credential.Asked.Count;
        bed.Credential.Revoke();
        bed.Hsm.Forget();

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.SignAsync(Digests.Of("one")));

        Assert.Equal(asked, bed.Credential.Asked.Count);
        Assert.Single(bed.Hsm.Requests);
    }

    [Fact]
    public async Task An_identity_that_gets_no_token_makes_the_hsm_unavailable_and_is_asked_once()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        int tries = 0;
        bed.Credential.Before = () =>
        {
            tries++;
            throw new Azure.Identity.CredentialUnavailableException("No identity here.");
        };

        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.SignAsync(Digests.Of("one")));

        Assert.Equal(1, tries);
        Assert.Empty(bed.Signs);
        bed.Credential.Before = null;
        await bed.SignAndVerifyAsync();
    }
}
