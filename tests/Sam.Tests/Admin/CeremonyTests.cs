using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sam.Api.Certificates;
using Sam.Core.Officers;
using Sam.Core.Results;
using Sam.Core.Values;
using Sam.Testing.Officers;
using Sam.Testing.TestBed;
using Sam.Tests.Pipeline;
using Xunit;

namespace Sam.Tests.Admin;

/// <summary>The whole way over HTTP: from a registered signer to a certification request that an authority can trust, and to a stop.</summary>
[Trait("Requirement", "CSR-1")]
[Trait("Requirement", "T-CSR-1")]
[Trait("Requirement", "MGT-2")]
public sealed class CeremonyTests : IAsyncLifetime
{
    private AdminBed _bed = null!;
    private TestOfficer _rita = null!;

    public async ValueTask InitializeAsync()
    {
        _bed = await AdminBed.OpenAsync();
        _rita = await _bed.Officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
    }

    public ValueTask DisposeAsync()
    {
        _rita.Dispose();
        return _bed.DisposeAsync();
    }

    [Fact]
    public async Task A_signer_is_registered_enrols_gets_a_key_and_a_request()
    {
        (string signer, string etag) = await RegisterAsync();
        Assert.Equal("registered", Text(await _bed.SendAsync(_rita, "GET", $"/sam/v1/signers/{signer}"), "status"));

        Answer issued = await _bed.SendAsync(_rita, "POST", $"/sam/v1/signers/{signer}/enrolment-code");
        Assert.Equal(201, issued.Status);
        string enrolment = $$"""{"code":"{{Text(issued, "code")}}","pin":"739154"}""";
        Assert.Equal(nameof(SamErrorCode.NotTheSigner), (await AsAsync("mallory", "POST", "/sam/v1/enrolment", enrolment)).Code);
        Assert.Equal("active", Text(await AsAsync("alice", "POST", "/sam/v1/enrolment", enrolment), "status"));

        Answer made = await _bed.SendAsync(_rita, "POST", $"/sam/v1/signers/{signer}/credentials", """{"key":"p256"}""");
        Assert.Equal(201, made.Status);
        string credential = Text(made, "credentialID");
        Assert.Equal("awaitingCertificate", Text(await _bed.SendAsync(_rita, "GET", made.Headers.Location.ToString()), "status"));

        JsonElement request = Json(await _bed.SendAsync(_rita, "POST", $"/sam/v1/credentials/{credential}/certification-request"));
        Assert.True(request.GetProperty("matches").GetBoolean());
        byte[] identity = Json(await _bed.SendAsync(new Caller(SamTestBed.Id("ra"), Login: null), "GET", "/sam/v1/identity-certificate")).GetProperty("certificate").GetBytesFromBase64();
        byte[] cms = request.GetProperty("request").GetBytesFromBase64();
        byte[] pkcs10 = RequestEnvelope.Open(cms, identity)!;
        CertificateRequest inside = CertificateRequest.LoadSigningRequest(pkcs10, System.Security.Cryptography.HashAlgorithmName.SHA256);
        Assert.Equal("CN=Alice Example, C=JP", inside.SubjectName.Name);
        Assert.Equal(Json(made).GetProperty("publicKey").GetBytesFromBase64(), inside.PublicKey.ExportSubjectPublicKeyInfo());

        // On its way somebody exchanges it: the authority notices.
        cms[^1] ^= 1;
        Assert.Null(RequestEnvelope.Open(cms, identity));

        Assert.Equal([credential], Json(await AsAsync("alice", "GET", "/sam/v1/me")).GetProperty("credentials").EnumerateArray().Select(c => c.GetProperty("credentialID").GetString()));
        Assert.Equal(nameof(SamErrorCode.NotTheSigner), (await AsAsync("mallory", "GET", "/sam/v1/me")).Code);
        Assert.NotEmpty(etag);
    }

    [Fact]
    [Trait("Requirement", "STP-1")]
    public async Task A_signer_stops_a_credential_of_theirs()
    {
        (string signer, _) = await RegisterAsync();
        string code = Text(await _bed.SendAsync(_rita, "POST", $"/sam/v1/signers/{signer}/enrolment-code"), "code");
        _ = Json(await AsAsync("alice", "POST", "/sam/v1/enrolment", $$"""{"code":"{{code}}","pin":"739154"}"""));
        string credential = Text(await _bed.SendAsync(_rita, "POST", $"/sam/v1/signers/{signer}/credentials", """{"key":"p256"}"""), "credentialID");

        Answer challenged = await AsAsync("alice", "POST", $"/sam/v1/me/credentials/{credential}/challenges", """{"action":"destroy"}""");
        Assert.Equal(201, challenged.Status);
        string stop = $$"""{"action":"destroy","challenge":"{{Text(challenged, "challenge")}}","pin":"739154","reason":"I leave"}""";
        Assert.Equal(nameof(SamErrorCode.ChallengeInvalid), (await AsAsync("alice", "POST", $"/sam/v1/me/credentials/{credential}/stops", stop.Replace("destroy", "revoke", StringComparison.Ordinal))).Code);
        JsonElement destroyed = Json(await AsAsync("alice", "POST", $"/sam/v1/me/credentials/{credential}/stops", stop));
        Assert.Equal(("destroyed", true), (destroyed.GetProperty("status").GetString(), destroyed.GetProperty("keyDestroyed").GetBoolean()));
    }

    [Fact]
    public async Task What_has_versions_is_changed_by_its_version()
    {
        (string signer, string etag) = await RegisterAsync();
        string target = $"/sam/v1/signers/{signer}/suspension";
        const string Body = """{"reason":"asked for by phone"}""";
        Assert.Equal((428, nameof(SamErrorCode.VersionMissing)), Told(await _bed.SendAsync(_rita, "POST", target, Body)));
        Assert.Equal((400, nameof(SamErrorCode.ParameterInvalid)), Told(await _bed.SendAsync(_rita, "POST", target, Body, ifMatch: "*")));
        Assert.Equal((412, nameof(SamErrorCode.VersionOutdated)), Told(await _bed.SendAsync(_rita, "POST", target, Body, ifMatch: "\"00\"")));
        Answer suspended = await _bed.SendAsync(_rita, "POST", target, Body, ifMatch: etag);
        Assert.Equal("suspended", Text(suspended, "status"));
        Assert.NotEqual(etag, suspended.Headers.ETag.ToString());
        Assert.Equal((412, nameof(SamErrorCode.VersionOutdated)), Told(await _bed.SendAsync(_rita, "POST", $"/sam/v1/signers/{signer}/resumption", Body, ifMatch: etag)));

        Answer linked = await _bed.SendAsync(_rita, "PUT", $"/sam/v1/signers/{signer}/clients", """{"clients":["other-sca"]}""", ifMatch: suspended.Headers.ETag.ToString());
        Assert.Equal(["other-sca"], Json(linked).GetProperty("clients").EnumerateArray().Select(c => c.GetString()));
        JsonElement last = Json(linked).GetProperty("history").EnumerateArray().Last();
        Assert.Equal(("Link", $"registration-officer:{_rita.Id}"), (last.GetProperty("what").GetString(), last.GetProperty("by").GetString()));
    }

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Code);

    private static JsonElement Json(Answer answer)
    {
        Assert.True(answer.Status < 300, answer.Text);
        return JsonElement.Parse(answer.Text);
    }

    private static string Text(Answer answer, string member) => Json(answer).GetProperty(member).GetString()!;

    private async Task<(string Signer, string ETag)> RegisterAsync()
    {
        Answer answer = await _bed.SendAsync(_rita, "POST", "/sam/v1/signers", """
            {"userID":"alice","issuer":"https://issuer.test","subject":"alice","proofing":"case 7","identity":{"commonName":"Alice Example","country":"JP"},"clients":["sca"]}
            """);
        Assert.Equal(201, answer.Status);
        return (Text(answer, "id"), answer.Headers.ETag.ToString());
    }

    private Task<Answer> AsAsync(string subject, string method, string target, string body = "") =>
        _bed.SendAsync(new Caller(SamTestBed.Id("portal"), SamTestBed.Login(subject)), method, target, body);
}
