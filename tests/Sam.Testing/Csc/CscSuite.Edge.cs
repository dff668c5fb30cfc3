using System.Net.Http.Headers;
using System.Text;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    private const string MalformedHeader = "Malformed authorization header";

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer a b")]
    [InlineData("Token abc")]
    public async Task A_missing_or_malformed_authorization_header_is_a_bad_request(string header)
    {
        foreach (string method in new[] { "credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash" })
        {
            using StringContent content = new("{}", Encoding.UTF8, "application/json");
            (await new CscClient(Sam.Http, token: null).SendAsync(HttpMethod.Post, $"csc/v2/{method}", content, header.Length == 0 ? null : header))
                .IsRefused(400, "invalid_request", MalformedHeader);
        }
    }

    [Fact]
    public async Task A_token_that_is_not_ours_is_unauthorized()
    {
        string token = await Sam.GetTokenAsync("sca");
        string[] parts = token.Split('.');
        string forged = $"{parts[0]}.{parts[1]}.{(parts[2][0] == 'A' ? 'B' : 'A')}{parts[2][1..]}";
        foreach (string bad in new[] { "abc", "a.b.c", forged, $"{parts[0]}.{parts[1]}." })
        {
            CscReply reply = await ExpectAsync(SamErrorCode.TokenInvalid, () => new CscClient(Sam.Http, bad).PostTextAsync("credentials/list", "{}"));
            Assert.Equal((401, "invalid_token"), (reply.Status, reply.Error));
            Assert.Contains(reply.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
        }
    }

    [Fact]
    public async Task Whatever_is_no_route_answers_404_as_json()
    {
        CscClient nobody = new(Sam.Http, token: null);
        foreach (string path in new[] { "", "csc", "csc/v2", "csc/v2/", "csc/v2/nothing", "csc/v1/info", "csc/v2/info/x", "csc/v2/credentials", "admin", "%2e%2e/x" })
        {
            CscReply reply = await nobody.SendAsync(HttpMethod.Post, path, null);
            Assert.Equal((404, "invalid_request", "application/json"), (reply.Status, reply.Error, reply.MediaType));
        }
    }

    [Theory]
    [InlineData("GET", "csc/v2/signatures/signHash", "POST")]
    [InlineData("PUT", "csc/v2/credentials/authorize", "POST")]
    [InlineData("DELETE", "csc/v2/info", "POST, GET")]
    [InlineData("POST", "readyz", "GET")]
    public async Task Another_http_method_answers_405_and_names_the_right_one(string method, string path, string allowed)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using HttpResponseMessage response = await Sam.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(405, (int)response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_body_that_is_not_json_by_its_header_answers_415()
    {
        CscClient client = await Sam.ConnectAsync();
        foreach (string? type in new[] { "text/plain", "application/x-www-form-urlencoded", null })
        {
            using ByteArrayContent content = new("{}"u8.ToArray());
            content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            CscReply reply = await ExpectAsync(SamErrorCode.MediaTypeUnsupported, () => client.SendAsync(HttpMethod.Post, "csc/v2/credentials/list", content));
            Assert.Equal((415, "invalid_request"), (reply.Status, reply.Error));
        }
    }

    [Fact]
    public async Task A_body_over_the_limit_answers_413_also_when_it_hides_its_length()
    {
        CscClient client = await Sam.ConnectAsync();
        byte[] big = Encoding.UTF8.GetBytes($$"""{"userID":"{{new string('x', 300_000)}}"}""");
        foreach (bool chunked in new[] { false, true })
        {
            using HttpContent content = chunked ? new StreamContent(new Unseekable(big)) : new ByteArrayContent(big);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            CscReply reply = await ExpectAsync(SamErrorCode.BodyTooLarge, () => client.SendAsync(HttpMethod.Post, "csc/v2/credentials/list", content));
            Assert.Equal((413, "invalid_request"), (reply.Status, reply.Error));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("""{"userID":"a","userID":"b"}""")]
    [InlineData("""{"userID":"a","\u0075serID":"b"}""")]
    [InlineData("""{"x":{"y":1,"y":2}}""")]
    [InlineData("""{"userID":"a",}""")]
    [InlineData("""{/* */"userID":"a"}""")]
    [InlineData("""{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""")]
    public async Task A_body_that_is_no_json_object_or_names_a_member_twice_is_a_bad_request(string body)
    {
        CscClient client = await Sam.ConnectAsync();
        CscReply reply = await ExpectAsync(SamErrorCode.BodyMalformed, () => client.PostTextAsync("credentials/list", body));
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task A_body_that_is_no_utf8_is_a_bad_request()
    {
        CscClient client = await Sam.ConnectAsync();
        using ByteArrayContent content = new([.. "{\"userID\":\""u8, 0xff, 0xfe, .. "\"}"u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        CscReply reply = await ExpectAsync(SamErrorCode.BodyMalformed, () => client.SendAsync(HttpMethod.Post, "csc/v2/credentials/list", content));
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task Healthz_and_readyz_answer_to_anybody()
    {
        CscClient nobody = new(Sam.Http, token: null);
        Assert.Equal("ok", (await nobody.SendAsync(HttpMethod.Get, "healthz", null)).Success().GetProperty("status").GetString());
        Assert.Equal(
            """{"status":"ready","hsm":"ok","storage":"ok","audit":"ok","configuration":"not asked","randomness":"ok"}""",
            (await nobody.SendAsync(HttpMethod.Get, "readyz", null)).Success().GetRawText());
    }

    private sealed class Unseekable(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
