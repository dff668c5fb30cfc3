using System.Text.Json.Nodes;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>The issuer's metadata and keys: when they are read, and what happens when they cannot be.</summary>
public sealed class OidcAuthorityTests : IAsyncLifetime
{
    private const string KeySet = "/keys";
    private readonly TokenKey _key = new("k1");
    private readonly TokenKey _next = new("k2");
    private StubAuthority _authority = null!;
    private AuthenticationBed _bed = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await StubAuthority.StartAsync();
        _authority.Keys.Add(_key);
        _bed = AuthenticationBed.Oidc(_authority);
    }

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        await _authority.DisposeAsync();
        _key.Dispose();
        _next.Dispose();
    }

    [Fact]
    public async Task Nothing_is_read_for_a_header_that_holds_no_token()
    {
        Assert.Equal(SamErrorCode.AuthorizationHeaderMalformed, (await _bed.AuthenticateAsync("Bearer")).Refusal?.Code);
        Assert.Equal(SamErrorCode.AuthorizationHeaderMalformed, (await _bed.AuthenticateAsync()).Refusal?.Code);
        Assert.Empty(_authority.Requests);
    }

    [Fact]
    public async Task Many_tokens_cost_the_issuer_one_read()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Null(await RefusalAsync(_key));
        }

        Assert.Equal(1, Reads());
    }

    [Fact]
    public async Task All_who_wait_at_the_start_share_one_read()
    {
        TaskCompletionSource gate = new();
        _authority.Gate = gate.Task;
        Task<Result<Caller>>[] calls = [.. Enumerable.Range(0, 20).Select(_ => _bed.AuthenticateTokenAsync(_key.Sign(Claims())))];
        gate.SetResult();
        Assert.All(await Task.WhenAll(calls), result => Assert.Null(result.Refusal));
        Assert.Equal(1, Reads());
    }

    [Fact]
    public async Task A_new_key_is_good_with_its_first_token()
    {
        Assert.Null(await RefusalAsync(_key));
        _bed.Clock.Advance(TimeSpan.FromMinutes(1));
        _authority.Keys.Add(_next);
        Assert.Null(await RefusalAsync(_next));
        Assert.Null(await RefusalAsync(_key));
        Assert.Equal(2, Reads());
    }

    [Fact]
    public async Task A_withdrawn_key_is_refused_after_an_hour_at_the_latest()
    {
        Assert.Null(await RefusalAsync(_key));
        _authority.Keys[0] = _next;
        _bed.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(_key));
        Assert.Null(await RefusalAsync(_next));
    }

    [Fact]
    public async Task Tokens_under_invented_keys_cost_the_issuer_one_read_per_interval()
    {
        Assert.Null(await RefusalAsync(_key));
        for (int interval = 1; interval <= 3; interval++)
        {
            _bed.Clock.Advance(TimeSpan.FromSeconds(30));
            for (int i = 0; i < 20; i++)
            {
                using TokenKey invented = new($"invented-{interval}-{i}");
                Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(invented));
            }

            Assert.Equal(1 + interval, Reads());
        }
    }

    [Fact]
    public async Task While_the_issuer_is_away_nobody_is_let_in_and_nobody_is_to_blame()
    {
        _authority.IsDown = true;
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(_key));
        using TokenKey forger = new("k1");
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(forger));
    }

    [Fact]
    public async Task An_issuer_that_is_away_is_asked_again_after_the_interval()
    {
        _authority.IsDown = true;
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(_key));
        int asked = _authority.Requests.Count;
        _authority.IsDown = false;
        _bed.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(_key));
        Assert.Equal(asked, _authority.Requests.Count);
        _bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await RefusalAsync(_key));
    }

    [Fact]
    public async Task Known_keys_outlive_an_absence_of_the_issuer_but_not_any()
    {
        Assert.Null(await RefusalAsync(_key));
        _authority.IsDown = true;
        _bed.Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(31));
        Assert.Null(await RefusalAsync(_key));
        _bed.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(_key));
    }

    [Fact]
    public async Task An_issuer_that_hangs_holds_nobody_up_who_has_its_keys()
    {
        Assert.Null(await RefusalAsync(_key));
        TaskCompletionSource gate = new();
        _authority.Gate = gate.Task;
        _bed.Clock.Advance(TimeSpan.FromHours(1));
        Task<SamErrorCode?> waits = RefusalAsync(_key);
        Assert.False(waits.IsCompleted);
        _bed.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await waits);
        gate.SetResult();
    }

    [Fact]
    public async Task Metadata_that_name_another_issuer_are_not_used()
    {
        _authority.Serve("/.well-known/openid-configuration", () => new JsonObject { ["issuer"] = "https://other.example", ["jwks_uri"] = _authority.Address + KeySet });
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(_key));
    }

    [Theory]
    [InlineData("""{"keys":[]}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"keys\"")]
    public async Task A_key_set_without_keys_lets_nobody_in(string keys)
    {
        _authority.Serve(KeySet, () => JsonNode.Parse(keys)!);
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(_key));
    }

    [Fact]
    public async Task A_symmetric_key_in_the_set_verifies_nothing()
    {
        byte[] secret = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);
        JsonObject oct = new() { ["kty"] = "oct", ["kid"] = "s", ["k"] = System.Buffers.Text.Base64Url.EncodeToString(secret) };
        _authority.Serve(KeySet, () => new JsonObject { ["keys"] = new JsonArray(_key.ToJwk(), oct.DeepClone()) });
        JsonObject header = new() { ["alg"] = "HS256", ["kid"] = "s", ["typ"] = "at+jwt" };
        string signed = $"{TokenKey.Encode(header.ToJsonString())}.{TokenKey.Encode(Claims().ToJsonString())}";
        byte[] mac = System.Security.Cryptography.HMACSHA256.HashData(secret, System.Text.Encoding.ASCII.GetBytes(signed));
        Assert.Null(await RefusalAsync(_key));
        Result<Caller> forged = await _bed.AuthenticateTokenAsync($"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(mac)}");
        Assert.Equal(SamErrorCode.TokenInvalid, forged.Refusal?.Code);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_does_not_end_the_read_of_others()
    {
        TaskCompletionSource gate = new();
        _authority.Gate = gate.Task;
        using CancellationTokenSource hangsUp = new();
        Task<Result<Caller>> first = _bed.AuthenticateUntilAsync(_key.Sign(Claims()), hangsUp.Token);
        Task<Result<Caller>> second = _bed.AuthenticateTokenAsync(_key.Sign(Claims()));
        await hangsUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Null((await second).Refusal);
        Assert.Equal(1, Reads());
    }

    private JsonObject Claims()
    {
        JsonObject claims = _bed.Claims(_authority);
        claims["exp"] = _bed.Now + 3600;
        return claims;
    }

    private int Reads() => _authority.Requests.Count(path => path == KeySet);

    private async Task<SamErrorCode?> RefusalAsync(TokenKey key) => (await _bed.AuthenticateTokenAsync(key.Sign(Claims()))).Refusal?.Code;
}
