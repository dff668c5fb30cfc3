using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Management;
using Sam.Testing.ManagedHsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>What the port of key management does beside making keys: tags, and keys that another HSM made.</summary>
public sealed class KeyManagementTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tags_take_the_place_of_all_that_were_there_and_change_nothing_else()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        (string name, string version) = NameOf(bed.Key.Reference);
        ManagedKey before = await bed.Management.GetAsync(name, version, Cancellation);
        Assert.Empty(before.Tags);

        ManagedKey set = await bed.Management.SetTagsAsync(name, version, new Dictionary<string, string> { ["one"] = "1", ["two"] = new string('x', 256) }, Cancellation);
        Assert.Equal(2, set.Tags.Count);
        _ = await bed.Management.SetTagsAsync(name, version, new Dictionary<string, string> { ["three"] = "3" }, Cancellation);

        ManagedKey after = await bed.Management.GetAsync(name, version, Cancellation);
        Assert.Equal(("three", "3"), (Assert.Single(after.Tags).Key, after.Tags["three"]));
        Assert.Equal((before.KeyType, before.IsExportable), (after.KeyType, after.IsExportable));
        Assert.Equal(before.Operations, after.Operations);
        Assert.Equal(before.SubjectPublicKeyInfo, after.SubjectPublicKeyInfo);
        await bed.SignAndVerifyAsync();

        // The HSM's own limits.
        await bed.FailsAsync(
            KeyBackendFailure.Rejected, () => bed.Management.SetTagsAsync(name, version, new Dictionary<string, string> { ["x"] = new string('x', 257) }, Cancellation));
        await bed.FailsAsync(
            KeyBackendFailure.Rejected,
            () => bed.Management.SetTagsAsync(name, version, Enumerable.Range(0, 16).ToDictionary(i => $"t{i}", _ => string.Empty), Cancellation));
        await bed.FailsAsync(
            KeyBackendFailure.KeyNotFound, () => bed.Management.SetTagsAsync("nobody", version, new Dictionary<string, string> { ["x"] = "x" }, Cancellation));
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("p384")]
    [InlineData("rsa3072")]
    public async Task A_key_of_another_hsm_is_taken_in_and_signs(string kind)
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        Assert.True(KeyAlgorithm.TryFromName(kind, out KeyAlgorithm? algorithm));
        using AsymmetricAlgorithm source = algorithm.IsRsa ? RSA.Create(algorithm.SizeInBits) : ECDsa.Create(algorithm.ToCurve());
        KeyImport import = await WrapAsync(bed, source, algorithm);

        ManagedKey taken = await bed.Import.ImportAsync(import, Cancellation);

        Assert.Equal(source.ExportSubjectPublicKeyInfo(), taken.SubjectPublicKeyInfo);
        Assert.Equal((import.KeyType, false), (taken.KeyType, taken.IsExportable));
        Assert.Equal(["sign"], taken.Operations);
        SigningKey key = new(KeyReference.Parse($"{import.Name}/{taken.Version}"), algorithm, taken.SubjectPublicKeyInfo!);
        SignatureAlgorithm signing = SignatureAlgorithm.All.First(a => a.Fits(algorithm));
        Assert.Null((await new KeyBackendGuard(bed.Backend).SignAsync(key, signing, Digests.Some(1, signing.Hash), Cancellation)).Refusal);
        HsmRequest put = bed.Hsm.Requests.Single(r => r.Method == "PUT");
        Assert.Equal(["Hsm", "attributes", "key"], JsonNode.Parse(put.Body)!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("\"d\":", System.Text.Encoding.UTF8.GetString(put.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_that_was_changed_or_is_for_another_hsm_or_for_no_exchange_key_is_rejected()
    {
        await using TwoPoolsBed bed = await TwoPoolsBed.OpenAsync(new FakeTimeProvider());
        await using ManagedHsmBed one = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        using ECDsa source = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyImport import = await WrapAsync(one, source, KeyAlgorithm.P256);
        JsonObject changed = JsonNode.Parse(import.TransferBlob.Span)!.AsObject();
        byte[] ciphertext = Base64Url.DecodeFromChars(changed["ciphertext"]!.GetValue<string>());
        ciphertext[^1] ^= 0x01;
        changed["ciphertext"] = Base64Url.EncodeToString(ciphertext);

        await one.FailsAsync(KeyBackendFailure.Rejected, () => one.Import.ImportAsync(import with { TransferBlob = JsonSerializer.SerializeToUtf8Bytes(changed) }, Cancellation));
        await one.FailsAsync(KeyBackendFailure.Rejected, () => one.Import.ImportAsync(import with { TransferBlob = "{}"u8.ToArray() }, Cancellation));
        await one.FailsAsync(KeyBackendFailure.Rejected, () => one.Import.ImportAsync(import with { KeyType = "RSA-HSM" }, Cancellation));
        await one.FailsAsync(
            KeyBackendFailure.Rejected, async () => await one.Import.ImportAsync(await WrapAsync(one, source, KeyAlgorithm.P256, operation: "decrypt"), Cancellation));
        _ = await TwoPoolsBed.FailsAsync(KeyBackendFailure.Rejected, () => bed.ImportOf(bed.B).ImportAsync(import, Cancellation));
        _ = await one.Import.ImportAsync(import, Cancellation);
    }

    private static (string Name, string Version) NameOf(KeyReference key) => (key.Value.Split('/')[0], key.Value.Split('/')[1]);

    // What the other HSM's tool does: an AES key under the exchange key, and the key itself under the AES key.
    private static async Task<KeyImport> WrapAsync(ManagedHsmBed bed, AsymmetricAlgorithm source, KeyAlgorithm algorithm, string operation = "import")
    {
        string exchangeName = $"exchange-{RandomNumberGenerator.GetHexString(8)}";
        ManagedKey exchange = await bed.Management.CreateAsync(new KeyCreation(exchangeName, "RSA-HSM", 2048, Curve: null, [operation]), Cancellation);
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(exchange.SubjectPublicKeyInfo, out _);
        using Aes aes = Aes.Create();
        byte[] ciphertext = [.. rsa.Encrypt(aes.Key, RSAEncryptionPadding.OaepSHA1), .. aes.EncryptKeyWrapPadded(source.ExportPkcs8PrivateKey())];
        JsonObject blob = new()
        {
            ["schema_version"] = "1.0.0",
            ["header"] = new JsonObject { ["kid"] = $"{bed.Hsm.Endpoint}keys/{exchangeName}/{exchange.Version}", ["alg"] = "dir", ["enc"] = "CKM_RSA_AES_KEY_WRAP" },
            ["ciphertext"] = Base64Url.EncodeToString(ciphertext),
            ["generator"] = "a test",
        };
        return new KeyImport(
            $"sign-{RandomNumberGenerator.GetHexString(32, lowercase: true)}",
            algorithm.IsRsa ? "RSA-HSM" : "EC-HSM",
            algorithm.IsRsa ? null : $"P-{algorithm.SizeInBits}",
            ["sign"],
            JsonSerializer.SerializeToUtf8Bytes(blob));
    }
}
