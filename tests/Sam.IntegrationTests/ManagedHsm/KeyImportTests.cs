using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Testing.ManagedHsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>Keys of another HSM: by an identity of its own, into the HSM that has the exchange key, and nothing but what was asked for.</summary>
public sealed class KeyImportTests : IDisposable
{
    private readonly ECDsa _source = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Requirement", "T-IMP-1")]
    public async Task One_identity_takes_keys_in_and_does_nothing_else_and_no_other_does()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        (KeyReference exchange, byte[] exchangeKey) = await bed.Backend.CreateExchangeKeyAsync(Cancellation);
        byte[] blob = KeyTransfer.Wrap(exchangeKey, _source);
        KeyName name = KeyName.New();

        SigningKey key = await TakeInAsync(bed, name, exchange, blob);

        HsmRequest put = Assert.Single(bed.Hsm.Requests, r => r.IsByImporter);
        Assert.Equal(("PUT", $"/keys/sign-{name}"), (put.Method, put.Path));
        Assert.Equal($"sign-{name}", key.Reference.Value.Split('/')[0]);
        Assert.Equal("""["sign"]""", JsonNode.Parse(put.Body)!["key"]!["key_ops"]!.ToJsonString());
        Assert.Equal("""{"enabled":true,"exportable":false}""", JsonNode.Parse(put.Body)!["attributes"]!.ToJsonString());
        JsonNode file = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(JsonNode.Parse(put.Body)!["key"]!["key_hsm"]!.GetValue<string>()))!;
        Assert.Equal(
            $$"""{"kid":"{{bed.Hsm.Endpoint}}keys/{{exchange}}","alg":"dir","enc":"CKM_RSA_AES_KEY_WRAP"}""", file["header"]!.ToJsonString());
        Assert.Equal(blob, System.Buffers.Text.Base64Url.DecodeFromChars(file["ciphertext"]!.GetValue<string>()));

        // As the HSM's roles have it.
        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Import.DeleteAsync($"sign-{name}", Cancellation));
        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Management.ImportAsync(new("x", "EC-HSM", "P-256", ["sign"], blob), Cancellation));
    }

    [Fact]
    public async Task Without_such_an_identity_no_key_is_taken_in_and_the_hsm_is_not_asked()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider(), change: options => options.ImportCredential = null);

        Assert.Equal(KeyBackendCapabilities.KeyImport, bed.Backend.Description.Missing);
        KeyBackendException refusal = await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Backend.CreateExchangeKeyAsync(Cancellation));
        Assert.StartsWith("ImportManagedIdentityClientId is not set", refusal.Message, StringComparison.Ordinal);
        await bed.FailsAsync(KeyBackendFailure.Rejected, () => TakeInAsync(bed, KeyName.New(), KeyReference.Parse("exchange-00000000000000000000000000000000/1"), new byte[512]));
        Assert.Empty(bed.Hsm.Requests);
    }

    [Theory]
    [InlineData("exportable", """{"attributes":{"enabled":true,"exportable":true}}""")]
    [InlineData("more operations", """{"key":{"key_ops":["sign","decrypt"]}}""")]
    [Trait("Requirement", "T-IMP-1")]
    public async Task A_key_that_may_do_more_than_was_asked_for_is_destroyed(string what, string change)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        (KeyReference exchange, byte[] exchangeKey) = await bed.Backend.CreateExchangeKeyAsync(Cancellation);
        int before = bed.Hsm.KeyNames.Count;
        bed.Hsm.ChangeCreation = parameters => Merge(parameters, JsonSerializer.Deserialize<JsonObject>(change)!);

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => TakeInAsync(bed, KeyName.New(), exchange, KeyTransfer.Wrap(exchangeKey, _source)));

        Assert.NotEmpty(what);
        Assert.Equal(before, bed.Hsm.KeyNames.Count);
    }

    [Fact]
    [Trait("Requirement", "T-IMP-2")]
    public async Task A_key_that_is_another_one_is_destroyed_before_it_signs()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        (KeyReference exchange, byte[] exchangeKey) = await bed.Backend.CreateExchangeKeyAsync(Cancellation);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        int before = bed.Hsm.KeyNames.Count;

        await bed.FailsAsync(KeyBackendFailure.Rejected, () => TakeInAsync(bed, KeyName.New(), exchange, KeyTransfer.Wrap(exchangeKey, other)));

        Assert.Equal(before, bed.Hsm.KeyNames.Count);
        Assert.Empty(bed.Signs);
    }

    [Fact]
    public async Task A_fault_on_the_way_leaves_nothing_behind()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        (KeyReference exchange, byte[] exchangeKey) = await bed.Backend.CreateExchangeKeyAsync(Cancellation);
        byte[] blob = KeyTransfer.Wrap(exchangeKey, _source);
        int before = bed.Hsm.KeyNames.Count;
        (Func<HsmRequest, bool> Which, HsmFault Fault, KeyBackendFailure Expected)[] table =
        [
            (r => r.Method == "PUT", HsmFaults.AnswerLost, KeyBackendFailure.Unavailable),
            (r => r.Method == "PUT", HsmFaults.Refused(503, "ServiceUnavailable"), KeyBackendFailure.Unavailable),
            (r => r.IsSign, HsmFaults.FlippedBit, KeyBackendFailure.Rejected),
            (r => r.IsSign, HsmFaults.Refused(403, "Forbidden", "ForbiddenByRbac"), KeyBackendFailure.Rejected),
        ];
        foreach ((Func<HsmRequest, bool> which, HsmFault fault, KeyBackendFailure expected) in table)
        {
            bed.Hsm.On(which, fault, times: 1);
            await bed.FailsAsync(expected, () => TakeInAsync(bed, KeyName.New(), exchange, blob));
            Assert.Equal(before, bed.Hsm.KeyNames.Count);
        }

        _ = await TakeInAsync(bed, KeyName.New(), exchange, blob);
    }

    [Fact]
    public async Task A_key_is_taken_in_where_its_exchange_key_is()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider());
        List<string> pools = [];
        for (int i = 0; i < 2; i++)
        {
            (KeyReference exchange, byte[] exchangeKey) = await bed.Backend.CreateExchangeKeyAsync(Cancellation);
            using ECDsa source = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            SigningKey key = await bed.Backend.ImportKeyAsync(
                KeyName.New(), KeyAlgorithm.P256, exchange, KeyTransfer.Wrap(exchangeKey, source), source.ExportSubjectPublicKeyInfo(), Cancellation);
            Assert.Equal(exchange.Value.Split('/')[0], TwoPoolsBed.PoolOf(key));
            await bed.SignAndVerifyAsync(key);
            pools.Add(TwoPoolsBed.PoolOf(key));
        }

        Assert.Equal(["a", "b"], pools.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_full_pool_takes_none_in()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider(), options => options.Pools[0].MaxKeys = options.Pools[1].MaxKeys = 1);
        (KeyReference exchange, byte[] exchangeKey) = await bed.Backend.CreateExchangeKeyAsync(Cancellation);

        string message = await TwoPoolsBed.FailsAsync(
            KeyBackendFailure.Rejected,
            () => bed.Backend.ImportKeyAsync(
                KeyName.New(), KeyAlgorithm.P256, exchange, KeyTransfer.Wrap(exchangeKey, _source), _source.ExportSubjectPublicKeyInfo(), Cancellation));

        Assert.Contains("full", message, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.A.Requests.Concat(bed.B.Requests), r => r.Method == "PUT");
    }

    public void Dispose() => _source.Dispose();

    private Task<SigningKey> TakeInAsync(ManagedHsmBed bed, KeyName name, KeyReference exchange, byte[] blob) =>
        bed.Backend.ImportKeyAsync(name, KeyAlgorithm.P256, exchange, blob, _source.ExportSubjectPublicKeyInfo(), Cancellation);

    private static void Merge(JsonObject into, JsonObject change)
    {
        foreach ((string name, JsonNode? value) in change)
        {
            if (value is JsonObject inner && into[name] is JsonObject target)
            {
                Merge(target, inner);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }
}
