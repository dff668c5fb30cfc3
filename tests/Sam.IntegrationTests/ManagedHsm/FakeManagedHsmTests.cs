using System.Buffers.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.Testing.ManagedHsm;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.IntegrationTests.ManagedHsm;

/// <summary>The fake refuses what the service refuses; otherwise it would prove nothing.</summary>
public sealed class FakeManagedHsmTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Its_key_wrap_is_that_of_RFC_3394()
    {
        // Section 4.6.
        byte[] key = Convert.FromHexString("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
        byte[] data = Convert.FromHexString("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F");
        byte[] wrapped = Convert.FromHexString("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21");

        Assert.Equal(wrapped, AesKeyWrap.Wrap(key, data));
        Assert.Equal(data, AesKeyWrap.Unwrap(key, wrapped));
        Assert.Null(AesKeyWrap.Wrap(key, data[..31]));
        Assert.Null(AesKeyWrap.Wrap(key, data[..8]));
        wrapped[5] ^= 1;
        Assert.Null(AesKeyWrap.Unwrap(key, wrapped));
    }

    [Fact]
    public async Task It_refuses_unknown_paths_other_versions_and_whoever_has_no_token()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        using SocketsHttpHandler handler = new();
        bed.Hsm.Redirect(handler);
        using HttpClient http = new(handler) { BaseAddress = bed.Hsm.Endpoint };

        using HttpResponseMessage anonymous = await http.GetAsync($"/keys/{bed.Key.Reference}?api-version=7.6", Cancellation);
        http.DefaultRequestHeaders.Add("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.");
        using HttpResponseMessage forged = await http.GetAsync($"/keys/{bed.Key.Reference}?api-version=7.6", Cancellation);
        http.DefaultRequestHeaders.Remove("Authorization");
        Azure.Core.AccessToken token = await bed.Credential.GetTokenAsync(new([$"{bed.Hsm.Resource}/.default"]), Cancellation);
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {token.Token}");
        using HttpResponseMessage old = await http.GetAsync($"/keys/{bed.Key.Reference}?api-version=7.5", Cancellation);
        using HttpResponseMessage none = await http.GetAsync($"/keys/{bed.Key.Reference}", Cancellation);
        using HttpResponseMessage unknown = await http.GetAsync("/secrets/x?api-version=7.6", Cancellation);
        using HttpResponseMessage right = await http.GetAsync($"/keys/{bed.Key.Reference}?api-version=7.6", Cancellation);

        Assert.Equal([401, 401, 400, 400, 404, 200], ((HttpResponseMessage[])[anonymous, forged, old, none, unknown, right]).Select(r => (int)r.StatusCode));
        Assert.Equal("Bearer", Assert.Single(anonymous.Headers.WwwAuthenticate).Scheme);
        Assert.Equal("Bearer", Assert.Single(forged.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task It_holds_keys_to_their_operations_and_algorithms_to_their_keys_and_lengths()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        string digest = Base64Url.EncodeToString(new byte[32]);

        foreach ((string operation, string algorithm, string value, KeyBackendFailure expected) in new[]
        {
            ("wrapkey", "A256KW", digest, KeyBackendFailure.Rejected),
            ("decrypt", "RSA-OAEP-256", digest, KeyBackendFailure.Rejected),
            ("sign", "ES384", digest, KeyBackendFailure.Rejected),
            ("sign", "RS256", digest, KeyBackendFailure.Rejected),
            ("sign", "ES256", Base64Url.EncodeToString(new byte[31]), KeyBackendFailure.Rejected),
            ("sign", "ES256", "*", KeyBackendFailure.Rejected),
            ("crush", "ES256", digest, KeyBackendFailure.KeyNotFound),
        })
        {
            await bed.FailsAsync(expected, () => bed.Management.SendAsync(
                HttpMethod.Post, $"keys/{bed.Key.Reference}/{operation}", new JsonObject { ["alg"] = algorithm, ["value"] = value }, Cancellation));
        }
    }

    [Fact]
    public async Task It_verifies_and_gives_random_bytes()
    {
        await using ManagedHsmBed bed = await ManagedHsmBed.OpenAsync(new FakeTimeProvider());
        Digest digest = Digests.Of("one");
        byte[] signature = Assert.Single(await bed.SignAsync(digest));
        JsonObject question = new() { ["alg"] = "ES256", ["digest"] = Base64Url.EncodeToString(digest.Value), ["value"] = Base64Url.EncodeToString(signature) };

        Assert.True((await VerifyAsync()).GetValue<bool>());
        question["digest"] = Base64Url.EncodeToString(Digests.Of("another").Value);
        Assert.False((await VerifyAsync()).GetValue<bool>());

        JsonObject random = await bed.Management.SendAsync(HttpMethod.Post, "rng", new JsonObject { ["count"] = 128 }, Cancellation);
        Assert.Equal(128, Base64Url.DecodeFromChars(random["value"]!.GetValue<string>()).Length);
        await bed.FailsAsync(KeyBackendFailure.Rejected, () => bed.Management.SendAsync(HttpMethod.Post, "rng", new JsonObject { ["count"] = 129 }, Cancellation));

        async Task<JsonNode> VerifyAsync() =>
            (await bed.Management.SendAsync(HttpMethod.Post, $"keys/{bed.Key.Reference}/verify", (JsonObject)question.DeepClone(), Cancellation))["value"]!;
    }
}
