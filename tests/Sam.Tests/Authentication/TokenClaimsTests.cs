using System.Text.Json.Nodes;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>What the issuer signed, and what is made of it.</summary>
public sealed class TokenClaimsTests : IClassFixture<AuthorityFixture>, IAsyncDisposable
{
    private readonly AuthorityFixture _issuer;
    private readonly AuthenticationBed _bed;

    public TokenClaimsTests(AuthorityFixture issuer)
    {
        _issuer = issuer;
        _bed = AuthenticationBed.Oidc(issuer.Authority);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task Every_asymmetric_algorithm_is_accepted(string algorithm)
    {
        await using StubAuthority authority = await StubAuthority.StartAsync();
        using TokenKey key = new("k", algorithm);
        authority.Keys.Add(key);
        await using AuthenticationBed bed = AuthenticationBed.Oidc(authority);
        Assert.Equal(new Caller(Client("sca"), null), (await bed.AuthenticateTokenAsync(key.Sign(bed.Claims(authority)))).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://other.example")]
    [InlineData("{issuer}/")]
    [InlineData("{issuer}/realm")]
    [InlineData(null)]
    public async Task Another_issuer_is_refused(string? issuer) =>
        await RefusesAsync("iss", issuer?.Replace("{issuer}", _issuer.Authority.Address, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"https://other.example\"")]
    [InlineData("\"https://sam.example/\"")]
    [InlineData("\"HTTPS://SAM.EXAMPLE\"")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("[\"https://other.example\"]")]
    [InlineData("null")]
    [InlineData("1")]
    public async Task Another_audience_is_refused(string audience) => await RefusesAsync("aud", JsonNode.Parse(audience));

    [Fact]
    public async Task No_audience_is_refused()
    {
        JsonObject claims = Claims();
        claims.Remove("aud");
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(claims));
    }

    [Fact]
    public async Task The_audience_may_be_one_of_several()
    {
        JsonObject claims = Claims();
        claims["aud"] = new JsonArray("https://other.example", AuthenticationBed.Audience);
        Assert.Null(await RefusalAsync(claims));
    }

    [Fact]
    public async Task A_token_expires_after_its_time_and_the_skew()
    {
        string token = _issuer.Key.Sign(Claims());
        _bed.Clock.Advance(TimeSpan.FromSeconds(3600 + 29));
        Assert.Null((await _bed.AuthenticateTokenAsync(token)).Refusal);
        _bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SamErrorCode.TokenExpired, (await _bed.AuthenticateTokenAsync(token)).Refusal?.Code);
    }

    [Fact]
    public async Task A_token_is_not_valid_before_its_time_but_for_the_skew()
    {
        JsonObject claims = Claims();
        claims["nbf"] = _bed.Now + 31;
        string token = _issuer.Key.Sign(claims);
        Assert.Equal(SamErrorCode.TokenInvalid, (await _bed.AuthenticateTokenAsync(token)).Refusal?.Code);
        _bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await _bed.AuthenticateTokenAsync(token)).Refusal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"soon\"")]
    [InlineData("true")]
    [InlineData("[]")]
    public async Task A_token_without_an_end_is_refused(string end) => await RefusesAsync("exp", JsonNode.Parse(end));

    [Fact]
    public async Task A_token_that_names_no_end_is_refused()
    {
        JsonObject claims = Claims();
        claims.Remove("exp");
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(claims));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1L)]
    [InlineData(0L)]
    public async Task A_token_from_long_ago_is_refused(long end)
    {
        JsonObject claims = Claims();
        claims["exp"] = end;
        claims.Remove("nbf");
        Assert.NotNull(await RefusalAsync(claims));
    }

    [Theory]
    [InlineData("""{"azp":"a"}""", "a")]
    [InlineData("""{"appid":"b"}""", "b")]
    [InlineData("""{"client_id":"c"}""", "c")]
    [InlineData("""{"client_id":"c","appid":"b","azp":"a"}""", "a")]
    [InlineData("""{"client_id":"c","appid":"b"}""", "b")]
    [InlineData("""{"azp":"A client, spelled as it is"}""", "A client, spelled as it is")]
    public async Task The_client_is_azp_else_appid_else_client_id(string members, string client) =>
        Assert.Equal(client, (await AuthenticateAsync(members)).Value.Client.Value);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"azp":""}""")]
    [InlineData("""{"azp":null,"client_id":"c"}""")]
    [InlineData("""{"azp":["a","b"]}""")]
    [InlineData("""{"azp":["a"],"client_id":"c"}""")]
    [InlineData("""{"azp":1}""")]
    [InlineData("""{"azp":{"a":"b"}}""")]
    [InlineData("""{"azp":"a","azp":"b"}""")]
    [InlineData("""{"azp":"a","azp":"a"}""")]
    [InlineData("""{"azp":"\u00e9"}""")]
    [InlineData("""{"azp":"a\u0000"}""")]
    [InlineData("""{"Azp":"a"}""")]
    [InlineData("""{"cid":"a"}""")]
    public async Task A_token_that_names_not_exactly_one_client_is_refused(string members) =>
        Assert.Equal(SamErrorCode.TokenInvalid, (await AuthenticateAsync(members)).Refusal?.Code);

    [Theory]
    [InlineData("""{"client_id":"c","sub":"c"}""", null)]
    [InlineData("""{"client_id":"c"}""", null)]
    [InlineData("""{"client_id":"c","sub":"alice"}""", "alice")]
    [InlineData("""{"client_id":"c","sub":"C"}""", "C")]
    [InlineData("""{"azp":"a","client_id":"c","sub":"c"}""", "c")]
    public async Task The_user_is_sub_unless_that_is_the_client(string members, string? user) =>
        Assert.Equal(user, (await AuthenticateAsync(members)).Value.User);

    [Theory]
    [InlineData("""{"client_id":"c","sub":null}""")]
    [InlineData("""{"client_id":"c","sub":""}""")]
    [InlineData("""{"client_id":"c","sub":["alice"]}""")]
    [InlineData("""{"client_id":"c","sub":7}""")]
    [InlineData("""{"client_id":"c","sub":"a\nb"}""")]
    public async Task A_user_that_is_not_one_text_is_refused(string members) =>
        Assert.Equal(SamErrorCode.TokenInvalid, (await AuthenticateAsync(members)).Refusal?.Code);

    [Theory]
    [InlineData("gty=client-credentials", """{"client_id":"c","sub":"c@clients","gty":"client-credentials"}""", null)]
    [InlineData("gty=client-credentials", """{"client_id":"c","sub":"alice","gty":"password"}""", "alice")]
    [InlineData("gty=client-credentials", """{"client_id":"c","sub":"alice"}""", "alice")]
    [InlineData("client_id", """{"azp":"c","sub":"5f3e","client_id":"c"}""", null)]
    [InlineData("client_id", """{"azp":"c","sub":"alice"}""", "alice")]
    public async Task A_mark_tells_a_clients_own_token_where_sub_does_not(string mark, string members, string? user)
    {
        await using AuthenticationBed bed = AuthenticationBed.Oidc(_issuer.Authority, ("Oidc:ClientTokenMark", mark));
        Assert.Equal(user, (await bed.AuthenticateTokenAsync(Sign(members))).Value.User);
    }

    private static ClientId Client(string text) => ClientId.TryParse(text, out ClientId client) ? client : throw new ArgumentException(text, nameof(text));

    private Task<Result<Caller>> AuthenticateAsync(string members) => _bed.AuthenticateTokenAsync(Sign(members));

    /// <summary>An ordinary token but for its client and user. Text, since an object cannot hold a name twice.</summary>
    private string Sign(string members)
    {
        JsonObject rest = Claims();
        rest.Remove("client_id");
        rest.Remove("sub");
        return _issuer.Key.SignAs(_issuer.Key.Header(), rest.ToJsonString()[..^1] + (members == "{}" ? "}" : "," + members[1..]));
    }

    private JsonObject Claims() => _bed.Claims(_issuer.Authority);

    private async Task<SamErrorCode?> RefusalAsync(JsonObject claims) => (await _bed.AuthenticateTokenAsync(_issuer.Key.Sign(claims))).Refusal?.Code;

    private async Task RefusesAsync(string claim, JsonNode? value)
    {
        JsonObject claims = Claims();
        claims[claim] = value;
        Assert.Equal(SamErrorCode.TokenInvalid, await RefusalAsync(claims));
    }
}
