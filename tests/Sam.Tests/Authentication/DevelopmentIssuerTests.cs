using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Authentication;

public sealed class DevelopmentIssuerTests : IAsyncLifetime
{
    private DevelopmentHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await DevelopmentHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _host.Bed.DisposeAsync();
    }

    [Theory]
    [InlineData("grant_type=client_credentials&client_id=a", null)]
    [InlineData("client_id=a", null)]
    [InlineData("client_id=a&role=officer", null)]
    [InlineData("client_id=a&sub=alice", "alice")]
    [InlineData("client_id=a&client_secret=unused&scope=service", null)]
    public async Task Its_own_host_accepts_its_tokens(string form, string? user)
    {
        Caller caller = (await _host.AuthenticateAsync(await _host.GetTokenAsync(form))).Value;
        Assert.Equal(("a", user), (caller.Client.Value, caller.User));
    }

    [Fact]
    public async Task A_client_is_any_that_the_domain_takes()
    {
        string name = "A client (test) = 1 & more";
        Caller caller = (await _host.AuthenticateAsync(await _host.GetTokenAsync("client_id=" + Uri.EscapeDataString(name)))).Value;
        Assert.Equal(name, caller.Client.Value);
    }

    [Fact]
    public async Task A_token_approves_its_client()
    {
        RowAddress row = SignerRows.Client(SamTestBed.Id("newcomer"));
        Assert.True((await _host.Bed.SealedRows.ReadAsync(row, RowSchemas.Client, Token)).IsRefused(out _, out _));
        string[] tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _host.GetTokenAsync("client_id=newcomer")));
        Assert.Equal(8, tokens.Distinct().Count());
        Assert.True((await _host.Bed.SealedRows.ReadAsync(row, RowSchemas.Client, Token)).Value.Value.Approved);
    }

    [Fact]
    public async Task A_client_that_cannot_be_approved_gets_no_token()
    {
        _host.Bed.Rows.Before = _ => throw new RowStoreException("away", null);
        (int status, JsonElement answer) = await _host.AskAsync("client_id=newcomer");
        Assert.Equal((503, "temporarily_unavailable"), (status, answer.GetProperty("error").GetString()));
        Assert.False(answer.TryGetProperty("access_token", out _));
    }

    [Fact]
    public async Task An_answer_is_that_of_RFC_6749()
    {
        using FormUrlEncodedContent form = new([new("client_id", "a"), new("expires_in", "7")]);
        using HttpResponseMessage response = await _host.Http.PostAsync("/dev/token", form, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(["access_token", "token_type", "expires_in"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal("Bearer", answer.GetProperty("token_type").GetString());
        Assert.Equal(7, answer.GetProperty("expires_in").GetInt32());
    }

    [Theory]
    [InlineData("", "invalid_request", "client_id")]
    [InlineData("client_id=", "invalid_request", "client_id")]
    [InlineData("client_id=%C3%A9", "invalid_request", "client_id")]
    [InlineData("client_id=a&client_id=b", "invalid_request", "client_id")]
    [InlineData("client_id=a&role=b&role=c", "invalid_request", "role")]
    [InlineData("client_id=a&grant_type=password", "unsupported_grant_type", "grant_type")]
    [InlineData("client_id=a&grant_type=", "unsupported_grant_type", "grant_type")]
    [InlineData("client_id=a&sub=", "invalid_request", "sub")]
    [InlineData("client_id=a&sub=a", "invalid_request", "sub")]
    [InlineData("client_id=a&sub=b%0Ac", "invalid_request", "sub")]
    [InlineData("client_id=a&role=", "invalid_request", "role")]
    [InlineData("client_id=a&expires_in=0", "invalid_request", "expires_in")]
    [InlineData("client_id=a&expires_in=3601", "invalid_request", "expires_in")]
    [InlineData("client_id=a&expires_in=-1", "invalid_request", "expires_in")]
    [InlineData("client_id=a&expires_in=1e3", "invalid_request", "expires_in")]
    [InlineData("client_id=a&expires_in=", "invalid_request", "expires_in")]
    public async Task A_wrong_request_is_told_what_is_wrong(string form, string error, string about)
    {
        (int status, JsonElement answer) = await _host.AskAsync(form);
        Assert.Equal((400, error), (status, answer.GetProperty("error").GetString()));
        Assert.Contains(about, answer.GetProperty("error_description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_form_is_refused()
    {
        using JsonContent json = JsonContent.Create(new { client_id = "a" });
        using HttpResponseMessage response = await _host.Http.PostAsync("/dev/token", json, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("invalid_request", (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_token_lives_as_long_as_asked_for()
    {
        string token = await _host.GetTokenAsync("client_id=a&expires_in=1");
        _host.Bed.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null((await _host.AuthenticateAsync(token)).Refusal);
        _host.Bed.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SamErrorCode.TokenExpired, (await _host.AuthenticateAsync(token)).Refusal?.Code);
    }

    [Fact]
    public async Task A_token_says_what_was_asked_for()
    {
        JsonElement own = Part(await _host.GetTokenAsync("client_id=a"), 1);
        Assert.Equal(("a", "a", "a"), (Text(own, "azp"), Text(own, "client_id"), Text(own, "sub")));
        Assert.Equal((_host.Issuer, "sam"), (Text(own, "iss"), Text(own, "aud")));
        Assert.Equal(3600, own.GetProperty("exp").GetInt64() - own.GetProperty("iat").GetInt64());
        Assert.False(own.TryGetProperty("roles", out _) || own.TryGetProperty("auth_time", out _));

        string token = await _host.GetTokenAsync("client_id=a&sub=alice&role=officer");
        JsonElement users = Part(token, 1);
        Assert.Equal("alice", Text(users, "sub"));
        Assert.Equal(["officer"], users.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal(users.GetProperty("iat").GetInt64(), users.GetProperty("auth_time").GetInt64());
        Assert.NotEqual(Text(own, "jti"), Text(users, "jti"));
        Assert.Equal(("at+jwt", "ES256"), (Text(Part(token, 0), "typ"), Text(Part(token, 0), "alg")));
    }

    [Fact]
    public async Task Any_OpenID_Connect_client_can_verify_its_tokens()
    {
        await using AuthenticationBed bed = AuthenticationBed.Oidc(_host.Issuer, ("Audience", "sam"));
        Caller caller = (await bed.AuthenticateTokenAsync(await _host.GetTokenAsync("client_id=a&sub=alice"))).Value;
        Assert.Equal(("a", "alice"), (caller.Client.Value, caller.User));
    }

    [Fact]
    public async Task Metadata_are_where_RFC_8414_and_OpenID_Connect_look_for_them()
    {
        string[] paths = ["/dev/.well-known/openid-configuration", "/dev/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/dev"];
        string[] documents = await Task.WhenAll(paths.Select(path => _host.Http.GetStringAsync(path, Token)));
        Assert.Single(documents.Distinct());
        JsonElement metadata = JsonElement.Parse(documents[0]);
        Assert.Equal(_host.Issuer, Text(metadata, "issuer"));
        Assert.Equal($"{_host.Issuer}/token", Text(metadata, "token_endpoint"));
        JsonElement key = Assert.Single(JsonElement.Parse(await _host.Http.GetStringAsync(Text(metadata, "jwks_uri"), Token)).GetProperty("keys").EnumerateArray());
        Assert.Equal(["kty", "use", "alg", "kid", "crv", "x", "y"], key.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("sam.example")]
    [InlineData("127.0.0.1.sam.example")]
    [InlineData("localhost.sam.example:7180")]
    [InlineData("192.0.2.1")]
    public async Task Under_a_name_that_is_not_this_machines_it_is_silent(string host)
    {
        foreach ((HttpMethod method, string path) in new[] { (HttpMethod.Post, "/dev/token"), (HttpMethod.Get, "/dev/.well-known/openid-configuration") })
        {
            using HttpRequestMessage request = new(method, path);
            request.Headers.Host = host;
            request.Content = method == HttpMethod.Post ? new FormUrlEncodedContent([new("client_id", "a")]) : null;
            using HttpResponseMessage response = await _host.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.DoesNotContain("access_token", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_public_address_names_it()
    {
        await using DevelopmentHost host = await DevelopmentHost.StartAsync(("Sam:PublicAddress", "https://sam.example/"));
        string token = await host.GetTokenAsync("client_id=a");
        Assert.Equal("https://sam.example/dev", Text(Part(token, 1), "iss"));
        Assert.Null((await host.AuthenticateAsync(token)).Refusal);
        await host.Bed.DisposeAsync();
    }

    [Fact]
    public async Task Hosts_accept_each_others_tokens_exactly_when_they_share_the_key()
    {
        string file = Path.Combine(Path.GetTempPath(), $"issuer-{Guid.NewGuid():n}.pem");
        await using DevelopmentHost one = await DevelopmentHost.StartAsync(("Sam:Development:IssuerKeyFile", file));
        await using DevelopmentHost two = await DevelopmentHost.StartAsync(("Sam:Development:IssuerKeyFile", file));
        string token = await one.GetTokenAsync("client_id=a");
        Assert.NotEqual(one.Issuer, two.Issuer);
        Assert.Null((await two.AuthenticateAsync(token)).Refusal);
        Assert.Equal(SamErrorCode.TokenInvalid, (await _host.AuthenticateAsync(token)).Refusal?.Code);
        File.Delete(file);
        await one.Bed.DisposeAsync();
        await two.Bed.DisposeAsync();
    }

    private static JsonElement Part(string token, int index) => JsonElement.Parse(Base64Url.DecodeFromChars(token.Split('.')[index]));

    private static string? Text(JsonElement from, string member) => from.GetProperty(member).GetString();
}
