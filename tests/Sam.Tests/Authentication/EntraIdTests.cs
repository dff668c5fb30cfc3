using System.Text.Json.Nodes;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>A tenant of Entra ID, as its documents and tokens look (both versions), before Microsoft.Identity.Web.</summary>
public sealed class EntraIdTests : IAsyncLifetime
{
    private const string App = "4cda8ab1-7f4a-4c15-9a3d-0f3f6a1d6d11";
    private const string Sca = "9b2f4a70-51a8-4d4c-8f0e-6c1c2f0f8a22";
    private const string Account = "6d1f0a35-2f57-4f4e-8f24-6f7a5f3d0b33";

    // Microsoft's issuer validators live in a static table by tenant: each test has its own.
    private readonly string _tenant = Guid.NewGuid().ToString();
    private readonly TokenKey _key = new("entra", "RS256");
    private StubAuthority _authority = null!;
    private AuthenticationBed _bed = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await StubAuthority.StartAsync();
        _authority.Keys.Add(_key);
        _authority.ServeEntraId(_tenant);
        _bed = AuthenticationBed.EntraId(_authority, _tenant, App);
    }

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        await _authority.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task An_applications_own_token_of_version_2_names_the_application()
    {
        Caller caller = (await AuthenticateAsync(V2(ofApp: true))).Value;
        Assert.Equal((Sca, null), (caller.Client.Value, caller.User));
    }

    [Fact]
    public async Task A_users_token_of_version_2_names_application_and_user()
    {
        Caller caller = (await AuthenticateAsync(V2(ofApp: false))).Value;
        Assert.Equal((Sca, "pairwise-alice"), (caller.Client.Value, caller.User));
    }

    [Fact]
    public async Task An_applications_own_token_of_version_1_names_the_application()
    {
        Caller caller = (await AuthenticateAsync(V1(ofApp: true))).Value;
        Assert.Equal((Sca, null), (caller.Client.Value, caller.User));
    }

    [Fact]
    public async Task A_users_token_of_version_1_names_application_and_user()
    {
        Caller caller = (await AuthenticateAsync(V1(ofApp: false))).Value;
        Assert.Equal((Sca, "pairwise-alice"), (caller.Client.Value, caller.User));
    }

    [Theory]
    [InlineData("app", null)]
    [InlineData("user", Account)]
    [InlineData("device", Account)]
    [InlineData(null, Account)]
    public async Task What_the_token_says_of_its_kind_goes_before_what_it_looks_like(string? kind, string? user)
    {
        JsonObject claims = V2(ofApp: true);
        claims["idtyp"] = kind;
        Assert.Equal(user, (await AuthenticateAsync(claims)).Value.User);
    }

    [Fact]
    public async Task A_token_with_scopes_is_a_users_even_when_subject_and_account_are_alike()
    {
        JsonObject claims = V2(ofApp: true);
        claims["scp"] = "sign";
        Assert.Equal(Account, (await AuthenticateAsync(claims)).Value.User);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_tenant_is_refused(bool newer)
    {
        string other = Guid.NewGuid().ToString();
        _authority.ServeEntraId(other);
        JsonObject claims = newer ? V2(ofApp: true) : V1(ofApp: true);
        claims["iss"] = newer ? $"https://login.microsoftonline.com/{other}/v2.0" : $"https://sts.windows.net/{other}/";
        Assert.Equal(SamErrorCode.TokenInvalid, (await AuthenticateAsync(claims)).Refusal?.Code);
        claims["tid"] = other;
        Assert.Equal(SamErrorCode.TokenInvalid, (await AuthenticateAsync(claims)).Refusal?.Code);
    }

    [Fact]
    public async Task A_key_that_signs_for_another_tenant_is_refused()
    {
        string keys = $"/{_tenant}/discovery/v2.0/keys";
        _authority.Serve(keys, () => KeySet("https://login.microsoftonline.com/{tenantid}/v2.0"));
        Assert.Null((await AuthenticateAsync(V2(ofApp: true))).Refusal);
        _authority.Serve(keys, () => KeySet($"https://login.microsoftonline.com/{Guid.NewGuid()}/v2.0"));
        await using AuthenticationBed bed = AuthenticationBed.EntraId(_authority, _tenant, App);
        Assert.Equal(SamErrorCode.TokenInvalid, (await bed.AuthenticateTokenAsync(_key.Sign(V2(ofApp: true), "JWT"))).Refusal?.Code);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task An_application_that_was_granted_nothing_is_refused(string? roles)
    {
        JsonObject claims = V2(ofApp: true);
        claims.Remove("roles");
        if (roles is not null)
        {
            claims["roles"] = JsonNode.Parse(roles);
        }

        Assert.Equal(SamErrorCode.TokenInvalid, (await AuthenticateAsync(claims)).Refusal?.Code);
    }

    [Theory]
    [InlineData(App, true)]
    [InlineData($"api://{App}", true)]
    [InlineData($"api://{Sca}", false)]
    [InlineData(Sca, false)]
    [InlineData("00000003-0000-0000-c000-000000000000", false)]
    public async Task The_audience_is_this_services_registration(string audience, bool accepted)
    {
        foreach (JsonObject claims in new[] { V2(ofApp: true), V1(ofApp: true) })
        {
            claims["aud"] = audience;
            Assert.Equal(accepted ? null : SamErrorCode.TokenInvalid, (await AuthenticateAsync(claims)).Refusal?.Code);
        }
    }

    [Fact]
    public async Task An_audience_of_the_options_stands_alone()
    {
        await using AuthenticationBed bed = AuthenticationBed.EntraId(_authority, _tenant, App, ("Audience", "api://sam"));
        JsonObject claims = V2(ofApp: true);
        Assert.Equal(SamErrorCode.TokenInvalid, (await bed.AuthenticateTokenAsync(_key.Sign(claims, "JWT"))).Refusal?.Code);
        claims["aud"] = "api://sam";
        Assert.Null((await bed.AuthenticateTokenAsync(_key.Sign(claims, "JWT"))).Refusal);
    }

    [Fact]
    public async Task Only_tokens_of_version_1_cost_a_second_read_of_metadata()
    {
        Assert.Null((await AuthenticateAsync(V2(ofApp: true))).Refusal);
        Assert.Single(_authority.Requests, path => path.EndsWith("openid-configuration", StringComparison.Ordinal));
        Assert.Null((await AuthenticateAsync(V1(ofApp: true))).Refusal);
        Assert.Null((await AuthenticateAsync(V1(ofApp: true))).Refusal);
        Assert.Equal(2, _authority.Requests.Count(path => path.EndsWith("openid-configuration", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_order_of_tokens_does_not_matter()
    {
        foreach (JsonObject claims in new[] { V2(ofApp: true), V1(ofApp: true), V2(ofApp: false), V1(ofApp: false), V2(ofApp: true) })
        {
            Assert.Null((await AuthenticateAsync(claims)).Refusal);
        }
    }

    [Fact]
    public async Task While_Entra_ID_is_away_nobody_is_let_in_and_nobody_is_to_blame()
    {
        _authority.IsDown = true;
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, (await AuthenticateAsync(V2(ofApp: true))).Refusal?.Code);
    }

    [Fact]
    public async Task While_only_the_older_metadata_are_away_newer_tokens_pass_and_older_ones_are_not_blamed()
    {
        Assert.Null((await AuthenticateAsync(V2(ofApp: true))).Refusal);
        _authority.IsDown = true;
        Assert.Null((await AuthenticateAsync(V2(ofApp: true))).Refusal);
        Assert.Equal(SamErrorCode.IdentityProviderUnavailable, (await AuthenticateAsync(V1(ofApp: true))).Refusal?.Code);
    }

    private JsonObject KeySet(string issuer)
    {
        JsonObject key = _key.ToJwk();
        key["issuer"] = issuer;
        return new JsonObject { ["keys"] = new JsonArray(key) };
    }

    private Task<Result<Caller>> AuthenticateAsync(JsonObject claims) => _bed.AuthenticateTokenAsync(_key.Sign(claims, "JWT"));

    private JsonObject V2(bool ofApp)
    {
        JsonObject claims = Common(ofApp, "2.0");
        claims["iss"] = $"https://login.microsoftonline.com/{_tenant}/v2.0";
        claims["aud"] = App;
        claims["azp"] = Sca;
        claims["azpacr"] = "1";
        return claims;
    }

    private JsonObject V1(bool ofApp)
    {
        JsonObject claims = Common(ofApp, "1.0");
        claims["iss"] = $"https://sts.windows.net/{_tenant}/";
        claims["aud"] = $"api://{App}";
        claims["appid"] = Sca;
        claims["appidacr"] = "1";
        return claims;
    }

    private JsonObject Common(bool ofApp, string version)
    {
        JsonObject claims = new()
        {
            ["tid"] = _tenant,
            ["ver"] = version,
            ["oid"] = Account,
            ["sub"] = ofApp ? Account : "pairwise-alice",
            ["iat"] = _bed.Now,
            ["nbf"] = _bed.Now,
            ["exp"] = _bed.Now + 3600,
        };
        if (ofApp)
        {
            claims["roles"] = new JsonArray("Sign");
        }
        else
        {
            claims["scp"] = "sign";
        }

        return claims;
    }
}
