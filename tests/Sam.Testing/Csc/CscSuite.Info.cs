using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Core.Algorithms;
using Sam.Core.Results;
using Xunit;

namespace Sam.Testing.Csc;

public abstract partial class CscSuite
{
    [Fact]
    public async Task Info_needs_no_token_and_has_every_required_member()
    {
        JsonElement info = (await new CscClient(Sam.Http, token: null).PostTextAsync("info", "{}")).Success();
        foreach (string member in new[] { "specs", "name", "logo", "region", "lang", "description" })
        {
            Assert.NotEmpty(info.GetProperty(member).GetString()!);
        }

        foreach (string member in new[] { "authType", "methods", "supportedHashTypes", "conformance_levels" })
        {
            Assert.NotEqual(0, info.GetProperty(member).GetArrayLength());
        }

        Assert.Equal("2.0.0.2", info.GetProperty("specs").GetString());
        Assert.True(Uri.TryCreate(info.GetProperty("oauth2Issuer").GetString(), UriKind.Absolute, out _));
        Assert.False(info.TryGetProperty("oauth2", out _), "exactly one of oauth2 and oauth2Issuer");
        JsonElement algorithms = info.GetProperty("signAlgorithms");
        Assert.Equal(algorithms.GetProperty("algos").GetArrayLength(), algorithms.GetProperty("algoParams").GetArrayLength());
        JsonElement formats = info.GetProperty("signature_formats");
        Assert.Equal(formats.GetProperty("formats").GetArrayLength(), formats.GetProperty("envelope_properties").GetArrayLength());
    }

    [Fact]
    public async Task Info_is_the_same_by_GET()
    {
        CscClient nobody = new(Sam.Http, token: null);
        CscReply get = await nobody.SendAsync(HttpMethod.Get, "csc/v2/info", null);
        Assert.Equal((await nobody.PostTextAsync("info", """{"lang":"ja"}""")).Text, get.Text);
        Assert.Equal(200, get.Status);
    }

    [Fact]
    public async Task Info_names_exactly_the_methods_that_answer()
    {
        (CscClient client, _) = await Sam.MakeAsync();
        JsonElement info = (await client.PostTextAsync("info", "{}")).Success();
        string[] offered = [.. info.GetProperty("methods").EnumerateArray().Select(m => m.GetString()!)];
        Assert.Equal(["info", "credentials/list", "credentials/info", "credentials/authorize", "credentials/authorizeCheck", "credentials/getChallenge", "credentials/extendTransaction", "signatures/signHash"], offered);
        foreach (string method in offered.Skip(1))
        {
            Assert.Equal(400, (await client.PostTextAsync(method, "{}")).Status);
        }
    }

    [Theory]
    [InlineData("auth/login")]
    [InlineData("credentials/sendOTP")]
    [InlineData("signatures/signDoc")]
    [InlineData("signatures/timestamp")]
    public async Task A_method_of_the_api_that_is_not_built_answers_501(string method)
    {
        CscReply reply = await ExpectAsync(SamErrorCode.MethodNotImplemented, () => new CscClient(Sam.Http, token: null).PostTextAsync(method, "{}"));
        Assert.Equal((501, "invalid_request"), (reply.Status, reply.Error));
    }

    [Fact]
    public async Task The_logo_is_a_png_of_at_most_256_by_256()
    {
        JsonElement info = (await new CscClient(Sam.Http, token: null).PostTextAsync("info", "{}")).Success();
        byte[] logo = await Sam.Http.GetByteArrayAsync(info.GetProperty("logo").GetString(), TestContext.Current.CancellationToken);
        Assert.Equal("89504e470d0a1a0a0000000d4948445200000100000001000806", Convert.ToHexStringLower(logo.AsSpan(0, 26)));
    }

    [Fact]
    public async Task Credentials_list_names_the_credentials_of_this_user_and_of_no_other()
    {
        (CscClient client, TestCredential first) = await Sam.MakeAsync();
        TestCredential second = await Sam.MakeCredentialAsync(first.Signer, KeyAlgorithm.Rsa2048);
        _ = await Sam.MakeAsync();
        JsonElement list = (await client.PostAsync("credentials/list", new { userID = first.Signer.UserId })).Success();
        Assert.Equal(
            new[] { first.Id, second.Id }.Order(),
            list.GetProperty("credentialIDs").EnumerateArray().Select(id => id.GetString()!).Order());
        Assert.False(list.TryGetProperty("credentialInfos", out _));
        Assert.False(list.TryGetProperty("onlyValid", out _));
    }

    [Fact]
    public async Task Credentials_list_with_credentialInfo_describes_each_as_credentials_info_does()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        JsonElement list = (await client.PostAsync(
            "credentials/list", new { userID = credential.Signer.UserId, credentialInfo = true, certificates = "chain", certInfo = true, authInfo = true })).Success();
        JsonElement listed = Assert.Single(list.GetProperty("credentialInfos").EnumerateArray());
        JsonElement info = (await client.PostAsync(
            "credentials/info", new { credentialID = credential.Id, certificates = "chain", certInfo = true, authInfo = true })).Success();
        Assert.Equal(credential.Id, listed.GetProperty("credentialID").GetString());
        foreach (JsonProperty member in info.EnumerateObject())
        {
            Assert.Equal(member.Value.GetRawText(), listed.GetProperty(member.Name).GetRawText());
        }
    }

    [Fact]
    public async Task Credentials_list_with_onlyValid_leaves_out_what_cannot_sign()
    {
        (CscClient client, TestCredential good) = await Sam.MakeAsync();
        _ = await MakeExpiredAsync(client, good.Signer);
        JsonElement list = (await client.PostAsync("credentials/list", new { userID = good.Signer.UserId, onlyValid = true })).Success();
        Assert.Equal(good.Id, Assert.Single(list.GetProperty("credentialIDs").EnumerateArray()).GetString());
        Assert.True(list.GetProperty("onlyValid").GetBoolean());
    }

    [Fact]
    public async Task A_users_own_token_lists_their_credentials_and_may_not_name_a_user()
    {
        TestCredential credential = (await Sam.MakeAsync()).Credential;
        CscClient user = await Sam.ConnectAsync(user: credential.Signer.UserId);
        JsonElement list = (await user.PostTextAsync("credentials/list", "{}")).Success();
        Assert.Equal(credential.Id, Assert.Single(list.GetProperty("credentialIDs").EnumerateArray()).GetString());
        await ExpectBadAsync(
            SamErrorCode.UserIdNotAllowed,
            "userID parameter MUST be null",
            () => user.PostAsync("credentials/list", new { userID = credential.Signer.UserId }));
    }

    [Fact]
    public async Task Credentials_list_without_a_user_or_of_a_stranger_is_refused_with_one_text()
    {
        CscClient client = await Sam.ConnectAsync();
        TestSigner others = await Sam.MakeSignerAsync("another-sca");
        await ExpectBadAsync(SamErrorCode.UserIdUnknown, "Invalid parameter userID", () => client.PostTextAsync("credentials/list", "{}"));
        await ExpectBadAsync(SamErrorCode.UserIdUnknown, "Invalid parameter userID", () => client.PostAsync("credentials/list", new { userID = "nobody" }));
        await ExpectBadAsync(SamErrorCode.UserIdUnknown, "Invalid parameter userID", () => client.PostAsync("credentials/list", new { userID = others.UserId }));
    }

    [Fact]
    public async Task Credentials_info_tells_key_certificate_and_factor()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(KeyAlgorithm.P256, multisign: 7);
        JsonElement info = (await client.PostAsync(
            "credentials/info", new { credentialID = credential.Id, certificates = "chain", certInfo = true, authInfo = true })).Success();
        JsonElement key = info.GetProperty("key");
        Assert.Equal("enabled", key.GetProperty("status").GetString());
        Assert.Equal("""["1.2.840.10045.4.3.2"]""", key.GetProperty("algo").GetRawText());
        Assert.Equal(256, key.GetProperty("len").GetInt32());
        Assert.Equal("1.2.840.10045.3.1.7", key.GetProperty("curve").GetString());
        JsonElement cert = info.GetProperty("cert");
        string[] chain = [.. cert.GetProperty("certificates").EnumerateArray().Select(c => c.GetString()!)];
        Assert.Equal([Convert.ToBase64String(credential.Certificate), Convert.ToBase64String(TestCa.Certificate)], chain);
        Assert.Equal("CN=Test CA", cert.GetProperty("issuerDN").GetString());
        Assert.Equal($"CN={credential.Signer.UserId.Replace(",", "\\,", StringComparison.Ordinal)}", cert.GetProperty("subjectDN").GetString());
        Assert.Matches("^[0-9A-F]+$", cert.GetProperty("serialNumber").GetString());
        Assert.Matches(new Regex("^[0-9]{14}Z$"), cert.GetProperty("validFrom").GetString());
        Assert.Matches(new Regex("^[0-9]{14}Z$"), cert.GetProperty("validTo").GetString());
        JsonElement auth = info.GetProperty("auth");
        Assert.Equal("explicit", auth.GetProperty("mode").GetString());
        JsonElement factor = Assert.Single(auth.GetProperty("objects").EnumerateArray());
        Assert.Equal(("Password", "PIN"), (factor.GetProperty("type").GetString(), factor.GetProperty("id").GetString()));
        Assert.Equal("1", info.GetProperty("SCAL").GetString());
        Assert.Equal(7, info.GetProperty("multisign").GetInt32());
    }

    [Fact]
    public async Task Credentials_info_shows_one_certificate_and_no_fields_unless_asked()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync(KeyAlgorithm.Rsa2048);
        JsonElement info = (await client.PostAsync("credentials/info", new { credentialID = credential.Id })).Success();
        JsonElement cert = info.GetProperty("cert");
        Assert.Equal(Convert.ToBase64String(credential.Certificate), Assert.Single(cert.GetProperty("certificates").EnumerateArray()).GetString());
        Assert.False(cert.TryGetProperty("subjectDN", out _));
        Assert.False(info.GetProperty("auth").TryGetProperty("objects", out _));
        Assert.Equal(
            """["1.2.840.113549.1.1.11","1.2.840.113549.1.1.12","1.2.840.113549.1.1.13","1.2.840.113549.1.1.10","1.2.840.113549.1.1.1"]""",
            info.GetProperty("key").GetProperty("algo").GetRawText());
        JsonElement none = (await client.PostAsync("credentials/info", new { credentialID = credential.Id, certificates = "none" })).Success();
        Assert.False(none.GetProperty("cert").TryGetProperty("certificates", out _));
    }

    [Fact]
    public async Task Credentials_info_of_a_credential_that_expired_says_so()
    {
        (CscClient client, TestCredential good) = await Sam.MakeAsync();
        TestCredential expired = await MakeExpiredAsync(client, good.Signer);
        JsonElement info = (await client.PostAsync("credentials/info", new { credentialID = expired.Id, certInfo = true })).Success();
        Assert.Equal("disabled", info.GetProperty("key").GetProperty("status").GetString());
        Assert.Equal("expired", info.GetProperty("cert").GetProperty("status").GetString());
        await ExpectBadAsync(SamErrorCode.CertificateExpired, "Signing certificate is expired", () => client.AuthorizeAsync(expired, [NewDigest()]));
    }

    [Fact]
    public async Task Credentials_info_refuses_what_is_missing_malformed_or_not_this_clients()
    {
        (CscClient client, TestCredential credential) = await Sam.MakeAsync();
        TestCredential others = await Sam.MakeCredentialAsync(await Sam.MakeSignerAsync("another-sca"), KeyAlgorithm.P256);
        await ExpectBadAsync(SamErrorCode.StringParameterMissing, "Missing (or invalid type) string parameter credentialID", () => client.PostTextAsync("credentials/info", "{}"));
        await ExpectBadAsync(SamErrorCode.StringParameterMissing, "Missing (or invalid type) string parameter credentialID", () => client.PostAsync("credentials/info", new { credentialID = 7 }));
        await ExpectBadAsync(SamErrorCode.CredentialUnknown, "Invalid parameter credentialID", () => client.PostAsync("credentials/info", new { credentialID = "7" }));
        await ExpectBadAsync(SamErrorCode.CredentialUnknown, "Invalid parameter credentialID", () => client.PostAsync("credentials/info", new { credentialID = credential.Id[..^1] + (credential.Id[^1] == '0' ? '1' : '0') }));
        await ExpectBadAsync(SamErrorCode.ClientNotLinked, "Invalid parameter credentialID", () => client.PostAsync("credentials/info", new { credentialID = others.Id }));
        await ExpectBadAsync(SamErrorCode.ParameterInvalid, "Invalid parameter certificates", () => client.PostAsync("credentials/info", new { credentialID = credential.Id, certificates = "all" }));
    }

    /// <summary>A SAM takes no certificate that is over: this one is given to it shortly before, and is over when this returns.</summary>
    private async Task<TestCredential> MakeExpiredAsync(CscClient client, TestSigner signer)
    {
        TestCredential credential = await Sam.MakeCredentialAsync(
            signer, KeyAlgorithm.P256, notBefore: DateTimeOffset.UtcNow.AddYears(-1), notAfter: DateTimeOffset.UtcNow.AddSeconds(4));
        JsonElement info;
        do
        {
            info = (await client.PostAsync("credentials/info", new { credentialID = credential.Id, certInfo = true })).Success();
        }
        while (info.GetProperty("key").GetProperty("status").GetString() == "enabled");
        return credential;
    }
}
