using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.Testing.ManagedHsm;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>The key whose tags are the anchor.</summary>
public sealed class AnchorKeyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FakeManagedHsm.ManagedHsmHost)]
    [InlineData(FakeManagedHsm.KeyVaultHost)]
    public async Task It_is_made_once_it_is_needed_does_nothing_and_is_written_in_one_request(string host)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider(), host);
        Assert.Empty(await bed.Backend.ReadAnchorsAsync(Cancellation));
        Assert.DoesNotContain("sam-anchor", bed.Hsm.KeyNames);

        await bed.Backend.WriteAnchorAsync(new byte[IHsmAnchor.MaxSize], [], Cancellation);
        HsmRequest create = Assert.Single(bed.Hsm.Requests, r => r.Operation == "create");
        Assert.Equal(("/keys/sam-anchor/create", """["verify"]"""), (create.Path, JsonNode.Parse(create.Body)!["key_ops"]!.ToJsonString()));
        bed.Hsm.Forget();

        await bed.Backend.WriteAnchorAsync(new byte[] { 1 }, [new byte[IHsmAnchor.MaxSize]], Cancellation);
        Assert.Equal(["GET", "PATCH"], bed.Hsm.Requests.Select(r => r.Method));
        Assert.Equal("""{"tags":{"anchor-0":"AQ=="}}""", System.Text.Encoding.UTF8.GetString(bed.Hsm.Requests[^1].Body));
        Assert.Equal([1], Assert.Single(await bed.Backend.ReadAnchorsAsync(Cancellation)));
    }

    [Fact]
    public async Task There_is_room_for_fifteen_and_the_next_is_rejected_and_takes_none_away()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        for (byte i = 0; i < 15; i++)
        {
            await bed.Backend.WriteAnchorAsync(new[] { i }, [], Cancellation);
        }

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.WriteAnchorAsync(new byte[] { 15 }, [], Cancellation));

        Assert.Equal(Enumerable.Range(0, 15), (await bed.Backend.ReadAnchorsAsync(Cancellation)).Select(a => (int)Assert.Single(a)).Order());
        await bed.Backend.WriteAnchorAsync(new byte[] { 15 }, [[0]], Cancellation);
    }

    [Fact]
    public async Task An_hsm_that_is_away_has_no_anchor_that_is_none()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        bed.Hsm.On(r => r.KeyName == "sam-anchor", HsmFaults.Refused(503, "ServiceUnavailable"));
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.ReadAnchorsAsync(Cancellation));

        // A 404 that is not the service's own comes from something else at this address.
        bed.Hsm.Mend();
        bed.Hsm.On(r => r.KeyName == "sam-anchor", exchange => exchange.AnswerAsync(new HsmReply(404, [])));
        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.ReadAnchorsAsync(Cancellation));
    }
}
