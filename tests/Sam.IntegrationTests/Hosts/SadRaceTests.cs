using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Run;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>One SAD, 64 calls, two processes.</summary>
public sealed class SadRaceTests
{
    private const int Calls = 64;

    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;

    public SadRaceTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _hsm = hsm;
        _azurite = azurite;
    }

    [Fact]
    [Trait("Soak", "race")]
    [Trait("Requirement", "SIG-2d")]
    [Trait("Requirement", "T-USE-3")]
    public Task Of_64_calls_with_one_sad_one_signs() => RaceAsync(TestCounts.SadRaces);

    private async Task RaceAsync(int races)
    {
        await using TableProxy proxy = await _azurite.StartProxyAsync();
        Pkcs11Shim shim = _hsm.CreateShim();
        Deployment deployment = new(_hsm, _azurite);
        (string, string)[] changes =
        [
            ("Sam__Storage__ConnectionString", _azurite.ConnectionStringFor(proxy)),
            ("Sam__Pkcs11__ModulePath", shim.ModulePath),
        ];
        await using LocalHostProcess one = await deployment.StartAsync(changes);
        await using LocalHostProcess two = await deployment.StartAsync(changes);
        (CscClient first, TestCredential credential) = await one.MakeAsync();
        for (int race = 0; race < races; race++)
        {
            await RaceAsync(first, credential, one, two, proxy, shim);
        }

        TestReport.Add("races for one SAD", $"{races} of {Calls} calls over two processes, one signature each");
        await SoakResults.WriteAsync("race", new { races, calls = races * Calls, signatures = races, refusedAsSadSpent = races * (Calls - 1) });
    }

    private static async Task RaceAsync(CscClient client, TestCredential credential, LocalHostProcess one, LocalHostProcess two, TableProxy proxy, Pkcs11Shim shim)
    {
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        string sad = await client.GetSadAsync(credential, digest);
        CscClient second = client.At(two.Http);
        int signedBefore = shim.SignCount();
        long spentBefore = await CountAsync(one) + await CountAsync(two);

        // The spend is the only write of signHash to this table: whoever waits here has passed every check.
        TableBarrier barrier = new(Calls);
        proxy.On(request => request.Is(TableRequestKind.Replace, SamTable.Transactions), TableFaults.HeldAt(barrier));
        CscReply[] replies = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => (i % 2 == 0 ? client : second).SignHashAsync(credential, sad, [digest])));
        proxy.Mend();

        Assert.Equal(Calls, barrier.Arrivals);
        CscReply winner = Assert.Single(replies, reply => reply.Status == 200);
        Assert.True(credential.Verifies(digest, Assert.Single(winner.Signatures)));
        Assert.All(replies.Where(reply => reply != winner), reply => reply.IsRefused(400, "invalid_request", "Invalid parameter SAD"));
        Assert.Equal(Calls - 1, await CountAsync(one) + await CountAsync(two) - spentBefore);
        Assert.Equal(1, shim.SignCount() - signedBefore);
    }

    private static async Task<long> CountAsync(LocalHostProcess host) =>
        (await host.CountRefusalsAsync()).GetValueOrDefault(nameof(SamErrorCode.SadSpent));
}
