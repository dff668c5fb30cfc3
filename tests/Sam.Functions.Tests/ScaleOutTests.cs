using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Functions.Tests.Host;
using Sam.IntegrationTests.Hosts;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.Functions.Tests;

/// <summary>The platform adds instances as it likes. They share the store and the HSM, and nothing else.</summary>
public sealed class ScaleOutTests
{
    private const int Calls = 32;

    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;

    public ScaleOutTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _hsm = hsm;
        _azurite = azurite;
    }

    [Fact]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "T-USE-3")]
    public async Task Of_many_calls_with_one_sad_over_two_instances_one_signs()
    {
        await using TableProxy proxy = await _azurite.StartProxyAsync();
        Pkcs11Shim shim = _hsm.CreateShim();
        Deployment deployment = new(_hsm, _azurite);
        (string, string)[] changes = [("Sam__Storage__ConnectionString", _azurite.ConnectionStringFor(proxy)), ("Sam__Pkcs11__ModulePath", shim.ModulePath)];
        await using FunctionsSam one = await FunctionsSam.StartAsync(deployment, changes);
        await using FunctionsHost two = await FunctionsHost.StartAsync(FunctionsSam.WorkerSettings(deployment, one.Issuer, changes));
        (CscClient client, TestCredential credential) = await one.MakeAsync();
        CscClient second = client.At(two.Http);

        // Both have opened what they need, so that the calls meet at the spend.
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        Assert.Single((await second.SignHashAsync(credential, await client.GetSadAsync(credential, digest), [digest])).Signatures);
        string sad = await second.GetSadAsync(credential, digest);
        int signedBefore = shim.SignCount();
        TableBarrier barrier = new(Calls);
        proxy.On(request => request.Is(TableRequestKind.Replace, SamTable.Transactions), TableFaults.HeldAt(barrier));
        CscReply[] replies = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => (i % 2 == 0 ? client : second).SignHashAsync(credential, sad, [digest])));
        proxy.Mend();

        Assert.Equal(Calls, barrier.Arrivals);
        CscReply winner = Assert.Single(replies, reply => reply.Status == 200);
        Assert.True(credential.Verifies(digest, Assert.Single(winner.Signatures)));
        Assert.All(replies.Where(reply => reply != winner), reply => reply.IsRefused(400, "invalid_request", "Invalid parameter SAD"));
        Assert.Equal(Calls - 1, await CountAsync(one.Host) + await CountAsync(two));
        Assert.Equal(1, shim.SignCount() - signedBefore);
        Assert.Empty(one.Host.Failures.Concat(two.Failures));
        TestReport.Add("race for one SAD over two instances of the functions", $"{Calls} calls, one signature");
    }

    private static async Task<long> CountAsync(FunctionsHost host) =>
        (await host.Worker.CountRefusalsAsync(TestContext.Current.CancellationToken)).GetValueOrDefault(nameof(SamErrorCode.SadSpent));
}
