using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

public sealed class ExpiryTests
{
    private readonly Deployment _deployment;

    public ExpiryTests(SoftHsmFixture hsm, AzuriteFixture azurite) => _deployment = new Deployment(hsm, azurite);

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    public async Task A_sad_ends_with_its_life_by_the_storages_clock()
    {
        await using LocalHostProcess host = await _deployment.StartAsync(("Sam__Activation__SadLifetime", "00:00:01"));
        (CscClient client, TestCredential credential) = await host.MakeAsync();
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        CscReply authorized = await client.AuthorizeAsync(credential, [digest]);
        Assert.Equal(1, authorized.Success().GetProperty("expiresIn").GetInt32());

        // While it lives, a hash that it does not cover is refused for that reason, and nothing is spent.
        CscReply reply;
        do
        {
            reply = await client.SignHashAsync(credential, authorized.Sad, [RandomNumberGenerator.GetBytes(32)]);
        }
        while (reply.Description == "Hash is not authorized by the SAD");

        reply.IsRefused(400, "invalid_request", "SAD expired");
        (await client.SignHashAsync(credential, authorized.Sad, [digest])).IsRefused(400, "invalid_request", "SAD expired");
        Assert.Equal(2, (await host.CountRefusalsAsync())[nameof(SamErrorCode.SadExpired)]);
    }
}
