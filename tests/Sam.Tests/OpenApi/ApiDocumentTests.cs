using System.Text;
using Sam.Testing.OpenApi;
using Sam.Tests.Architecture;
using Xunit;

namespace Sam.Tests.OpenApi;

/// <summary>What traffic is held against the document for: each kind of difference is noticed.</summary>
public sealed class ApiDocumentTests
{
    private const string Info = "/csc/v2/credentials/info";
    private const string Refused = """{"error":"invalid_request","error_description":"Invalid parameter credentialID"}""";
    private const string Unknown = """{"type":"urn:functionssam:error:signer-unknown","title":"There is no such signer","status":404,"code":"SignerUnknown"}""";

    private static readonly ApiDocument _document = ApiDocument.Parse(File.ReadAllBytes(Repository.PathOf("src/Sam.Api/OpenApi/sam.openapi.json")));

    [Fact]
    public void What_is_described_passes()
    {
        Assert.Empty(Faults("GET", "/healthz", 200, """{"status":"ok"}"""));
        Assert.Empty(Faults("POST", Info, 400, Refused));
        Assert.Empty(Faults("POST", Info, 400, Refused.Replace("credentialID", "certificates", StringComparison.Ordinal)));
        Assert.Empty(Faults("GET", "/sam/v1/signers/x", 404, Unknown, "application/problem+json"));
        Assert.Empty(Faults("GET", "/nowhere", 404, "{}"));
        Assert.Empty(Faults("DELETE", "/healthz", 405, "{}"));
    }

    [Theory]
    [InlineData("GET", "/nowhere", 200, "{}", "no such operation")]
    [InlineData("GET", "/healthz", 201, """{"status":"ok"}""", "no such status")]
    [InlineData("GET", "/healthz", 200, """{"status":"ok","more":1}""", "$.more is not declared")]
    [InlineData("GET", "/healthz", 200, "{}", "lacks one of")]
    [InlineData("GET", "/healthz", 200, """{"status":7}""", "does not fit type")]
    [InlineData("POST", Info, 400, """{"error":"invalid_grant","error_description":"Invalid parameter credentialID"}""", "does not fit enum")]
    [InlineData("POST", Info, 400, """{"error":"invalid_request","error_description":"SAD expired"}""", "fits 0 of anyOf")]
    [InlineData("POST", Info, 409, Refused, "no such status")]
    public void What_is_not_described_is_noticed(string method, string path, int status, string answer, string fault) =>
        Assert.Contains(Faults(method, path, status, answer), f => f.Contains(fault, StringComparison.Ordinal));

    [Theory]
    [InlineData("""{"type":"x","title":"There is no such signer","status":404,"code":"CredentialUnknown"}""", "$.code")]
    [InlineData("""{"type":"x","title":"There is no such signer","status":409,"code":"SignerUnknown"}""", "$.status")]
    public void A_code_that_is_not_declared_is_noticed(string answer, string fault) =>
        Assert.Contains(Faults("GET", "/sam/v1/signers/x", 404, answer, "application/problem+json"), f => f.StartsWith(fault, StringComparison.Ordinal));

    [Fact]
    public void A_media_type_or_a_header_that_is_not_declared_is_noticed()
    {
        Assert.Contains("media type text/html is not declared", Faults("GET", "/healthz", 200, "{}", "text/html"));
        Assert.Contains("header ETag is not declared", Faults("GET", "/healthz", 200, """{"status":"ok"}""", headers: "ETag"));
        Assert.Contains("header WWW-Authenticate is missing", Faults("POST", Info, 401, Refused));
    }

    [Theory]
    [InlineData("""{"client":"x","more":1}""", "request: $.more is not declared")]
    [InlineData("""{"client":7}""", "request: $.client 7 does not fit type")]
    [InlineData("{}", "request: $ lacks one of")]
    public void A_request_that_was_taken_and_is_not_described_is_noticed(string body, string fault) => Assert.Contains(
        _document.Faults(new RecordedExchange("POST", "/sam/v1/clients/stop", Encoding.UTF8.GetBytes(body), 204, null, [], default)), f => f.StartsWith(fault, StringComparison.Ordinal));

    private static IReadOnlyList<string> Faults(string method, string path, int status, string answer, string media = "application/json", params string[] headers) =>
        _document.Faults(new RecordedExchange(method, path, default, status, media, headers, Encoding.UTF8.GetBytes(answer)));
}
