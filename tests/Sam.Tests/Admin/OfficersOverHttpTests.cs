using System.Net;
using System.Text.Json;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.Admin;

[Trait("Requirement", "SIG-6")]
public sealed class OfficersOverHttpTests : IAsyncLifetime
{
    private AdminBed _bed = null!;

    private TestOfficer Olga => _bed.Officers.Three[0];

    private TestOfficer Otto => _bed.Officers.Three[1];

    public async ValueTask InitializeAsync() => _bed = await AdminBed.OpenAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_deployment_begins_over_HTTP()
    {
        await using AdminBed fresh = await AdminBed.OpenAsync(isInitialized: false);
        Caller operatorsToken = new(SamTestBed.Id("console"), Login: null);
        JsonElement before = Json(await fresh.SendAsync(operatorsToken, "GET", "/sam/v1/status"));
        Assert.False(before.GetProperty("initialized").GetBoolean());
        Assert.Equal(fresh.Officers.Sam.Officers.DeploymentId, before.GetProperty("deployment").GetString());

        string body = $$"""
            {"secret":"{{fresh.Officers.Secret.Reveal()}}","officers":[
              {"name":"Olga","issuer":"https://issuer.test","subject":"olga"},{"name":"Otto","issuer":"https://issuer.test","subject":"otto"},
              {"name":"Oona","issuer":"https://issuer.test","subject":"oona"}]}
            """;
        Answer answer = await fresh.SendAsync(operatorsToken, "POST", "/sam/v1/initialization", body);
        Assert.Equal(201, answer.Status);
        string code = Json(answer).GetProperty("codes")[0].GetProperty("code").GetString()!;

        TestOfficer olga = fresh.Officers.NewOfficer("olga");
        string enrolment = $$"""{"code":"{{code}}","publicKey":"{{Convert.ToBase64String(olga.Key.ExportSubjectPublicKeyInfo())}}"}""";
        JsonElement enrolled = Json(await fresh.SendAsync(olga, "POST", "/sam/v1/officers/enrolment", enrolment));
        Assert.Equal(("Olga", "security-officer", true), (enrolled.GetProperty("name").GetString(), enrolled.GetProperty("role").GetString(), enrolled.GetProperty("enrolled").GetBoolean()));

        JsonElement officers = Json(await fresh.SendAsync(olga, "GET", "/sam/v1/officers"));
        Assert.Equal(3, officers.GetProperty("items").GetArrayLength());
        Assert.Equal(nameof(SamErrorCode.AlreadyInitialized), (await fresh.SendAsync(operatorsToken, "POST", "/sam/v1/initialization", body)).Code);
    }

    [Fact]
    public async Task A_proposal_goes_its_way_over_HTTP()
    {
        Answer made = await _bed.SendAsync(Olga, "POST", "/sam/v1/proposals", """{"kind":"approve-client","client":"new-sca"}""");
        Assert.Equal(201, made.Status);
        JsonElement proposal = Json(made);
        string target = made.Headers.Location.ToString();
        Assert.Equal("approve-client", Json(await _bed.SendAsync(Otto, "GET", target)).GetProperty("change").GetProperty("kind").GetString());

        string approval = $$"""{"change":"{{proposal.GetProperty("changeDigest").GetString()}}"}""";
        Assert.Equal(nameof(SamErrorCode.ProposalOwn), (await _bed.SendAsync(Olga, "POST", $"{target}/approval", approval)).Code);
        Assert.Equal("approved", Json(await _bed.SendAsync(Otto, "POST", $"{target}/approval", approval)).GetProperty("proposal").GetProperty("status").GetString());
        Assert.Equal(nameof(SamErrorCode.ProposalClosed), (await _bed.SendAsync(Otto, "POST", $"{target}/withdrawal")).Code);

        Assert.Contains(Clients(await _bed.SendAsync(Otto, "GET", "/sam/v1/clients")), c => c == ("new-sca", true));
        Assert.Equal(204, (await _bed.SendAsync(Otto, "POST", "/sam/v1/clients/stop", """{"client":"new-sca"}""")).Status);
        Assert.Contains(Clients(await _bed.SendAsync(Otto, "GET", "/sam/v1/clients")), c => c == ("new-sca", false));
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(201, (await _bed.SendAsync(Olga, "POST", "/sam/v1/proposals", $$"""{"kind":"approve-client","client":"c{{i}}"}""")).Status);
        }

        List<string> ids = [];
        string? page = string.Empty;
        while (page is not null)
        {
            JsonElement answer = Json(await _bed.SendAsync(Olga, "GET", $"/sam/v1/proposals?limit=2{page}"));
            ids.AddRange(answer.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("id").GetString()!));
            page = answer.TryGetProperty("next", out JsonElement next) ? $"&page={next.GetString()}" : null;
        }

        Assert.Equal(5, ids.Distinct().Count());
        foreach (string wrong in new[] { "limit=0", "limit=201", "limit=x", "limit=1&limit=2", "page=x", "page=a&page=b" })
        {
            Assert.Equal(nameof(SamErrorCode.ParameterInvalid), (await _bed.SendAsync(Olga, "GET", $"/sam/v1/proposals?{wrong}")).Code);
        }
    }

    /// <summary>A captured request is good for nothing, sent again or with anything about it changed.</summary>
    [Fact]
    [Trait("Requirement", "T-MGT-1")]
    public async Task The_proof_covers_what_is_sent()
    {
        const string Body = """{"kind":"approve-client","client":"sca-2"}""";
        string? proof = null;
        Answer first = await _bed.SendAsync(Olga, "POST", "/sam/v1/proposals", Body, c => proof = c.Request.Headers["Sam-Proof"]);
        Assert.Equal(201, first.Status);
        Caller caller = new(SamTestBed.Id("console"), Olga.Login);

        Assert.Equal(nameof(SamErrorCode.ProofReplayed), await AgainAsync("/sam/v1/proposals", Body));
        Assert.Equal(nameof(SamErrorCode.ProofInvalid), await AgainAsync("/sam/v1/proposals", Body.Replace("sca-2", "evil", StringComparison.Ordinal)));
        Assert.Equal(nameof(SamErrorCode.ProofInvalid), await AgainAsync("/sam/v1/proposals?x=1", Body));
        Assert.Equal(nameof(SamErrorCode.ProofInvalid), await AgainAsync("/sam/v1/clients/stop", Body));
        Assert.Equal(
            nameof(SamErrorCode.ProofInvalid),
            (await _bed.SendAsync(caller, "POST", "/sam/v1/proposals", Body, c => (c.Request.Headers["Sam-Proof"], c.Request.Headers.IfMatch) = (proof, "\"x\""))).Code);
        Assert.Equal(
            nameof(SamErrorCode.ProofInvalid),
            (await _bed.SendAsync(caller, "POST", "/sam/v1/proposals", Body, c => (c.Request.Headers["Sam-Proof"], c.Request.Headers.Authorization) = (proof, "Bearer another"))).Code);
        Assert.Equal(
            nameof(SamErrorCode.ProofInvalid), (await _bed.SendAsync(caller, "POST", "/sam/v1/proposals", Body, c => c.Request.Headers["Sam-Proof"] = new[] { proof, proof })).Code);

        async Task<string?> AgainAsync(string target, string body) => (await _bed.SendAsync(caller, "POST", target, body, c => c.Request.Headers["Sam-Proof"] = proof)).Code;
    }

    [Fact]
    [Trait("Requirement", "CSR-1")]
    [Trait("Requirement", "T-REG-3")]
    [Trait("Requirement", "T-MGT-2")]
    public async Task What_comes_in_the_clear_from_elsewhere_is_refused_before_it_is_looked_at()
    {
        Assert.Equal(nameof(SamErrorCode.ChannelInsecure), await OverHttpAsync("10.0.0.7", "10.0.0.1"));
        Assert.Equal(nameof(SamErrorCode.ChannelInsecure), await OverHttpAsync("10.0.0.7", "127.0.0.1"));
        Assert.Equal(nameof(SamErrorCode.ChannelInsecure), await OverHttpAsync("127.0.0.1", "10.0.0.1"));
        Assert.Equal(nameof(SamErrorCode.ChannelInsecure), await OverHttpAsync(null, null));
        Assert.Equal(nameof(SamErrorCode.ChannelInsecure), await OverHttpAsync("10.0.0.7", "10.0.0.1", forwarded: "https"));
        Assert.Equal(nameof(SamErrorCode.ChannelInsecure), await OverHttpAsync("127.0.0.1", "127.0.0.1", forwarded: "http"));
        Assert.Null(await OverHttpAsync("127.0.0.1", "127.0.0.1"));
        Assert.Null(await OverHttpAsync("::1", "::1"));
        Assert.Null(await OverHttpAsync("::ffff:127.0.0.1", "::ffff:127.0.0.1", forwarded: "https"));

        async Task<string?> OverHttpAsync(string? remote, string? local, string? forwarded = null) => (await _bed.SendAsync(Olga, "GET", "/sam/v1/officers", change: c =>
        {
            c.Request.Scheme = "http";
            c.Request.Host = new Microsoft.AspNetCore.Http.HostString("localhost");
            c.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
            c.Connection.LocalIpAddress = local is null ? null : IPAddress.Parse(local);
            if (forwarded is not null)
            {
                c.Request.Headers["X-Forwarded-Proto"] = forwarded;
            }
        })).Code;
    }

    [Theory]
    [InlineData("GET", "/sam/v1/nothing", 404)]
    [InlineData("GET", "/sam", 404)]
    [InlineData("DELETE", "/sam/v1/proposals/00000000000000000000000000000000", 405)]
    [InlineData("GET", "/sam/v1/proposals//approval", 404)]
    public async Task Where_there_is_nothing_is_a_problem_too(string method, string target, int status)
    {
        Answer answer = await _bed.SendAsync(Olga, method, target);
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.Headers.ContentType.ToString()));
        Assert.Equal(status == 405 ? "GET" : "", answer.Headers.Allow.ToString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("00000000000000000000000000000000")]
    public async Task A_proposal_that_is_none_is_not_found(string id) =>
        Assert.Equal(nameof(SamErrorCode.ProposalUnknown), (await _bed.SendAsync(Olga, "GET", $"/sam/v1/proposals/{id}")).Code);

    private static JsonElement Json(Answer answer)
    {
        Assert.True(answer.Status < 300, answer.Text);
        return JsonElement.Parse(answer.Text);
    }

    private static IEnumerable<(string?, bool)> Clients(Answer answer) =>
        Json(answer).GetProperty("items").EnumerateArray().Select(c => (c.GetProperty("client").GetString(), c.GetProperty("approved").GetBoolean()));
}
