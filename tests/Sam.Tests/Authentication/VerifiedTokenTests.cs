using System.Text.Json.Nodes;
using Sam.Core.Results;
using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>One token, sent again and again: what was verified once is judged anew where it can have changed.</summary>
public sealed class VerifiedTokenTests : IAsyncLifetime
{
    private readonly TokenKey _key = new("k1");
    private readonly TokenKey _next = new("k2");
    private StubAuthority _authority = null!;
    private AuthenticationBed _bed = null!;
    private string _token = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await StubAuthority.StartAsync();
        _authority.Keys.Add(_key);
        _bed = AuthenticationBed.Oidc(_authority);
        _token = _key.Sign(Claims("sca", 7_200));
        Assert.Null(await RefusalAsync(_token));
    }

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        await _authority.DisposeAsync();
        _key.Dispose();
        _next.Dispose();
    }

    [Fact]
    public async Task It_ends_with_its_time()
    {
        _bed.Clock.Advance(TimeSpan.FromSeconds(7_200 + 29));
        Assert.Null(await RefusalAsync(_token));
        _bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SamErrorCode.TokenExpired, await RefusalAsync(_token));
        Assert.Equal(SamErrorCode.TokenExpired, await RefusalAsync(_token));
    }

    [Fact]
    public async Task It_is_not_good_before_its_time_although_it_was_taken_once()
    {
        JsonObject claims = Claims("sca", 7_200);
        claims["nbf"] = _bed.Now + 30;
        string early = _key.Sign(claims);
        Assert.Null(await RefusalAsync(early));
        _bed.Clock.AdjustTime(_bed.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(early));
    }

    [Fact]
    public async Task It_ends_with_its_key()
    {
        _authority.Keys[0] = _next;
        _bed.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.Null(await RefusalAsync(_token));
        _bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(_token));
    }

    [Fact]
    public async Task It_is_verified_anew_with_new_keys()
    {
        _authority.Keys.Add(_next);
        _bed.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await RefusalAsync(_token));
        Assert.Null(await RefusalAsync(_token));
    }

    [Fact]
    public async Task It_ends_when_nothing_is_known_of_the_issuer_any_more()
    {
        string longer = _key.Sign(Claims("sca", 86_400));
        Assert.Null(await RefusalAsync(longer));
        _authority.IsDown = true;
        _bed.Clock.Advance(TimeSpan.FromHours(12));
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, await RefusalAsync(longer));
    }

    /// <summary>Every character of it changed in turn, and other claims or another signature in its place.</summary>
    [Fact]
    public async Task Nothing_that_is_like_it_takes_its_place()
    {
        for (int i = 0; i < _token.Length - 1; i++)
        {
            char other = _token[i] == 'A' ? 'B' : 'A';
            Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(string.Concat(_token.AsSpan(0, i), [other], _token.AsSpan(i + 1))));
        }

        string[] parts = _token.Split('.');
        string[] others = _key.Sign(Claims("another", 7_200)).Split('.');
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync($"{parts[0]}.{others[1]}.{parts[2]}"));
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync($"{parts[0]}.{parts[1]}.{others[2]}"));
        Assert.Null(await RefusalAsync(_token));
    }

    /// <summary>More of them than are remembered, each one the token of its own client.</summary>
    [Fact]
    public async Task Many_tokens_each_speak_for_their_client()
    {
        (string Client, string Token)[] tokens = [.. Enumerable.Range(0, 1_100).Select(i => ($"sca-{i}", _key.Sign(Claims($"sca-{i}", 7_200))))];
        foreach ((string client, string token) in tokens.Concat(tokens.Take(10)))
        {
            Assert.Equal(client, (await _bed.AuthenticateTokenAsync(token)).Value.Client.Value);
        }
    }

    private JsonObject Claims(string client, int seconds)
    {
        JsonObject claims = _bed.Claims(_authority, client);
        claims["exp"] = _bed.Now + seconds;
        return claims;
    }

    private async Task<SamErrorCode?> RefusalAsync(string token) => (await _bed.AuthenticateTokenAsync(token)).Refusal?.Code;
}
