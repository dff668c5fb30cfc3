using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Testing.ManagedHsm;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Keys are what was asked for, or they are not named and not left behind.</summary>
public sealed class KeyMakingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "REG-3")]
    public async Task What_a_key_may_do_is_written_out()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        _ = await bed.Backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P384, Cancellation);
        _ = await bed.Backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.Rsa2048, Cancellation);
        _ = await bed.Backend.CreateWrappingKeyAsync(Cancellation);
        _ = await bed.Backend.CreateMacKeyAsync(Cancellation);
        _ = await bed.Backend.CreateDecryptionKeyAsync(Cancellation);

        Assert.Equal(
            [
                """EC-HSM ["sign"] {"enabled":true,"exportable":false}""",
                """RSA-HSM ["sign"] {"enabled":true,"exportable":false}""",
                """oct-HSM ["wrapKey","unwrapKey"] {"enabled":true,"exportable":false}""",
                """oct-HSM ["sign"] {"enabled":true,"exportable":false}""",
                """RSA-HSM ["decrypt"] {"enabled":true,"exportable":false}""",
            ],
            bed.Hsm.Requests.Where(r => r.Operation == "create").Select(r => JsonNode.Parse(r.Body)!)
                .Select(b => $"{b["kty"]} {b["key_ops"]!.ToJsonString()} {b["attributes"]!.ToJsonString()}"));
    }

    [Theory]
    [InlineData("exportable", """{"attributes":{"exportable":true}}""")]
    [InlineData("more operations", """{"key_ops":["sign","decrypt"]}""")]
    [InlineData("no operations", """{"key_ops":[]}""")]
    [InlineData("another curve", """{"crv":"P-384"}""")]
    [InlineData("another kind", """{"kty":"RSA-HSM","crv":null,"key_size":2048}""")]
    [Trait("Requirement", "REG-3")]
    public async Task A_key_that_is_not_what_was_asked_for_is_destroyed_and_not_named(string what, string change)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        int before = bed.Hsm.KeyNames.Count;
        bed.Hsm.ChangeCreation = parameters =>
        {
            foreach ((string name, JsonNode? value) in JsonSerializer.Deserialize<JsonObject>(change)!)
            {
                parameters[name] = value?.DeepClone();
            }
        };

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, Cancellation));

        Assert.NotEmpty(what);
        Assert.Equal(before, bed.Hsm.KeyNames.Count);
        Assert.Equal("DELETE", bed.Hsm.Requests[^1].Method);
    }

    [Fact]
    public async Task A_key_whose_answer_is_lost_is_not_left_behind()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        int before = bed.Hsm.KeyNames.Count;
        bed.Hsm.On(r => r.Operation == "create", HsmFaults.AnswerLost);

        await bed.FailsAsync(KeyBackendFailure.Unavailable, () => bed.Backend.CreateMacKeyAsync(Cancellation));

        Assert.Equal(before, bed.Hsm.KeyNames.Count);
    }

    [Fact]
    public async Task A_reference_to_another_version_destroys_nothing()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        string name = bed.Key.Reference.Value.Split('/')[0];

        await bed.Backend.DestroyKeyAsync(KeyReference.Parse($"{name}/0123456789abcdef0123456789abcdef"), Cancellation);
        await bed.SignAndVerifyAsync();

        // A version that an insider added is another key: it neither signs in this one's place nor keeps it alive.
        _ = await bed.Management.CreateAsync(new(name, "EC-HSM", SizeInBits: null, "P-256", ["sign"]), Cancellation);
        await bed.SignAndVerifyAsync();
        await bed.Backend.DestroyKeyAsync(bed.Key.Reference, Cancellation);
        Assert.DoesNotContain(name, bed.Hsm.KeyNames);
    }

    [Fact]
    public async Task Who_destroys_a_key_is_told_until_when_the_hsm_keeps_it()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        string name = bed.Key.Reference.Value.Split('/')[0];

        DateTimeOffset? keptUntil = await bed.Backend.DestroyKeyAsync(bed.Key.Reference, Cancellation);

        JsonObject deleted = await bed.Management.SendAsync(HttpMethod.Get, $"deletedkeys/{name}", body: null, Cancellation);
        Assert.Equal(deleted["scheduledPurgeDate"]!.GetValue<long>(), keptUntil!.Value.ToUnixTimeSeconds());
        Assert.Null(await bed.Backend.DestroyKeyAsync(bed.Key.Reference, Cancellation));

        // Neither recovered nor purged: the SAM's identity may do neither.
        Assert.DoesNotContain(bed.Hsm.Requests, r => r.Path.StartsWith("/deletedkeys", StringComparison.Ordinal) && r.Method != "GET");
    }

    [Fact]
    public async Task A_deleted_key_is_purged_at_a_date_and_its_name_stays_blocked()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        string name = bed.Key.Reference.Value.Split('/')[0];

        DateTimeOffset? purge = await bed.Management.DeleteAsync(name, Cancellation);

        Assert.NotNull(purge);
        await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Management.DeleteAsync(name, Cancellation));
        await bed.FailsAsync(
            KeyBackendFailure.KeyNotFound, () => bed.Management.CreateAsync(new(name, "EC-HSM", SizeInBits: null, "P-256", ["sign"]), Cancellation));
        JsonObject deleted = await bed.Management.SendAsync(HttpMethod.Get, $"deletedkeys/{name}", body: null, Cancellation);
        Assert.Equal(purge.Value.ToUnixTimeSeconds(), deleted["scheduledPurgeDate"]!.GetValue<long>());
        _ = await bed.Management.SendAsync(HttpMethod.Delete, $"deletedkeys/{name}", body: null, Cancellation);
        await bed.FailsAsync(KeyBackendFailure.KeyNotFound, () => bed.Management.SendAsync(HttpMethod.Get, $"deletedkeys/{name}", body: null, Cancellation));
    }
}
