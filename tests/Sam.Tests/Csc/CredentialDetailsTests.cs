using System.Text;
using System.Text.Json;
using Sam.Api.Csc;
using Sam.Api.Pipeline;
using Sam.Core.Algorithms;
using Sam.Core.Credentials;
using Sam.Core.Encryption;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.Testing.Vectors;
using Xunit;

namespace Sam.Tests.Csc;

public sealed class CredentialDetailsTests
{
    private const string Everything = """{"certificates":"chain","certInfo":true,"authInfo":true}""";

    private static readonly byte[] _certificate = TestVector.Read("certificate", "serial-small").Bytes("der");
    private static readonly byte[] _issuer = [0x30, 0x00];

    public static TheoryData<string> Certificates => [.. TestVector.NamesIn("certificate")];

    [Theory]
    [InlineData("""{"certificates":""}""", "certificates")]
    [InlineData("""{"certificates":"Single"}""", "certificates")]
    [InlineData("""{"certificates":"all"}""", "certificates")]
    [InlineData("""{"certificates":true}""", "certificates")]
    [InlineData("""{"certInfo":"true"}""", "certInfo")]
    [InlineData("""{"certInfo":1}""", "certInfo")]
    [InlineData("""{"authInfo":"false"}""", "authInfo")]
    [InlineData("""{"authInfo":[]}""", "authInfo")]
    public void Another_value_is_told_with_the_parameters_name(string json, string parameter) =>
        Assert.Equal(new Refusal(SamErrorCode.ParameterInvalid, parameter), Read(json).Refusal);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"certificates":null,"certInfo":null,"authInfo":null}""")]
    [InlineData("""{"certificates":"single","certInfo":false,"authInfo":false}""")]
    public void By_default_a_credential_shows_its_own_certificate_and_no_details(string json)
    {
        JsonElement shown = Show(json, View());
        Assert.Equal([Convert.ToBase64String(_certificate)], Texts(shown.GetProperty("cert").GetProperty("certificates")));
        Assert.Equal(["certificates"], Names(shown.GetProperty("cert")));
        Assert.Equal(["mode"], Names(shown.GetProperty("auth")));
    }

    [Fact]
    public void No_certificate_is_shown_to_who_wants_none() => Assert.Empty(Names(Show("""{"certificates":"none"}""", View()).GetProperty("cert")));

    [Fact]
    public void A_chain_keeps_its_order() => Assert.Equal(
        [Convert.ToBase64String(_certificate), Convert.ToBase64String(_issuer)],
        Texts(Show("""{"certificates":"chain"}""", View()).GetProperty("cert").GetProperty("certificates")));

    /// <summary>Fields of the certificate can be had without the certificate.</summary>
    [Theory]
    [MemberData(nameof(Certificates))]
    public void The_certificates_fields_are_those_that_OpenSSL_reads(string name)
    {
        TestVector vector = TestVector.Read("certificate", name);
        JsonElement cert = Show("""{"certificates":"none","certInfo":true}""", View() with { Certificates = [vector.Bytes("der")] }).GetProperty("cert");
        Assert.Equal(["issuerDN", "serialNumber", "subjectDN", "validFrom", "validTo"], Names(cert));
        Assert.Equal(
            (vector.Expect, vector.Text("subject"), vector.Text("issuer"), vector.Text("from"), vector.Text("to")),
            (Text(cert, "serialNumber"), Text(cert, "subjectDN"), Text(cert, "issuerDN"), Text(cert, "validFrom"), Text(cert, "validTo")));
    }

    /// <summary>A PrintableString with an underscore: .NET does not read it as text, and the answer is not lost for that.</summary>
    [Fact]
    public void Bytes_that_are_no_text_of_their_type_are_shown_in_hexadecimal()
    {
        byte[] der = [.. _certificate];
        int type = der.AsSpan().IndexOf("\u000c\nExample CA"u8);
        der[type] = 0x13;
        der[type + 9] = (byte)'_';
        Assert.Equal(
            "CN=#130a4578616d706c655f4341,O=Example\\, Inc.,C=JP",
            Text(Show(Everything, View() with { Certificates = [der] }).GetProperty("cert"), "issuerDN"));
    }

    [Fact]
    public void An_expired_certificate_says_so_and_its_key_is_disabled()
    {
        JsonElement shown = Show(Everything, View() with { IsInValidity = false });
        Assert.Equal(("expired", "disabled"), (Text(shown.GetProperty("cert"), "status"), Text(shown.GetProperty("key"), "status")));
    }

    /// <summary>"valid" would promise that it is not revoked.</summary>
    [Fact]
    public void A_certificate_in_its_time_is_not_called_valid() => Assert.DoesNotContain("status", Names(Show(Everything, View()).GetProperty("cert")));

    [Fact]
    public void A_credential_without_a_certificate_is_disabled_and_shows_none()
    {
        JsonElement shown = Show(Everything, View() with { Certificates = [], IsUsable = false, IsInValidity = false });
        Assert.Equal("disabled", Text(shown.GetProperty("key"), "status"));
        Assert.Equal(["certificates"], Names(shown.GetProperty("cert")));
        Assert.Empty(Texts(shown.GetProperty("cert").GetProperty("certificates")));
    }

    [Fact]
    public void A_credential_that_cannot_be_used_is_disabled() =>
        Assert.Equal("disabled", Text(Show("{}", View() with { IsUsable = false }).GetProperty("key"), "status"));

    [Theory]
    [InlineData("rsa2048", """{"status":"enabled","algo":["1.2.840.113549.1.1.11","1.2.840.113549.1.1.12","1.2.840.113549.1.1.13","1.2.840.113549.1.1.10","1.2.840.113549.1.1.1"],"len":2048}""")]
    [InlineData("rsa3072", """{"status":"enabled","algo":["1.2.840.113549.1.1.11","1.2.840.113549.1.1.12","1.2.840.113549.1.1.13","1.2.840.113549.1.1.10","1.2.840.113549.1.1.1"],"len":3072}""")]
    [InlineData("rsa4096", """{"status":"enabled","algo":["1.2.840.113549.1.1.11","1.2.840.113549.1.1.12","1.2.840.113549.1.1.13","1.2.840.113549.1.1.10","1.2.840.113549.1.1.1"],"len":4096}""")]
    [InlineData("p256", """{"status":"enabled","algo":["1.2.840.10045.4.3.2"],"len":256,"curve":"1.2.840.10045.3.1.7"}""")]
    [InlineData("p384", """{"status":"enabled","algo":["1.2.840.10045.4.3.3"],"len":384,"curve":"1.3.132.0.34"}""")]
    [InlineData("p521", """{"status":"enabled","algo":["1.2.840.10045.4.3.4"],"len":521,"curve":"1.3.132.0.35"}""")]
    public void Each_key_names_the_algorithms_that_it_can_sign_with(string key, string expected) =>
        Assert.Equal(expected, Show("{}", View() with { KeyAlgorithm = KeyAlgorithm.All.Single(k => k.Name == key) }).GetProperty("key").GetRawText());

    [Fact]
    public void Authorization_is_explicit_by_a_pin_which_does_not_bind_hashes()
    {
        JsonElement shown = Show("""{"authInfo":true}""", View());
        Assert.Equal("1", Text(shown, "SCAL"));
        Assert.Equal(
            """{"mode":"explicit","expression":"PIN","objects":[{"type":"Password","id":"PIN","format":"A","label":"PIN","description":"The PIN that was set when the signer was registered"}]}""",
            shown.GetProperty("auth").GetRawText());
    }

    [Fact]
    public void Nothing_else_is_shown()
    {
        JsonElement shown = Show(Everything, View());
        Assert.Equal(["description", "key", "cert", "auth", "SCAL", "multisign", "lang"], Names(shown));
        Assert.Equal((7, "for tests", "en-US"), (shown.GetProperty("multisign").GetInt32(), Text(shown, "description"), Text(shown, "lang")));
        Assert.DoesNotContain("description", Names(Show(Everything, View() with { Description = null })));
    }

    /// <summary>Clients take the expression at its word: each form that is taken, and no other.</summary>
    [Theory]
    [InlineData("pin", true, false, "PIN", "PIN")]
    [InlineData("pin", true, true, "PIN OR FACTORS-JWE", "PIN FACTORS-JWE")]
    [InlineData("pin", false, true, "FACTORS-JWE", "FACTORS-JWE")]
    [InlineData("pin", false, false, null, "")]
    [InlineData("pin+totp", true, false, "PIN AND OTP", "PIN OTP")]
    [InlineData("pin+totp", true, true, "(PIN AND OTP) OR FACTORS-JWE", "PIN OTP FACTORS-JWE")]
    [InlineData("pin+totp", false, true, "FACTORS-JWE", "FACTORS-JWE")]
    [InlineData("device", true, true, "DEVICE OR DEVICE-ANSWER", "DEVICE DEVICE-ANSWER")]
    [InlineData("device+pin", true, false, "DEVICE OR (DEVICE-ANSWER AND PIN)", "DEVICE DEVICE-ANSWER PIN")]
    [InlineData("device+pin", true, true, "DEVICE OR (DEVICE-ANSWER AND (PIN OR FACTORS-JWE))", "DEVICE DEVICE-ANSWER PIN FACTORS-JWE")]
    [InlineData("device+pin", false, true, "DEVICE OR (DEVICE-ANSWER AND FACTORS-JWE)", "DEVICE DEVICE-ANSWER FACTORS-JWE")]
    [InlineData("device+pin", false, false, "DEVICE", "DEVICE")]
    [InlineData("login", true, true, null, "")]
    public void The_factors_are_told_in_the_forms_that_are_taken(string factors, bool bare, bool encrypted, string? expression, string objects)
    {
        Assert.True(Core.Factors.KeyAuthorization.TryFromName(factors, out Core.Factors.KeyAuthorization? authorization));
        JsonElement auth = Show("""{"authInfo":true}""", View() with { Authorization = authorization }, bare, encrypted).GetProperty("auth");
        Assert.Equal(expression, auth.TryGetProperty("expression", out JsonElement told) ? told.GetString() : null);
        Assert.Equal(objects, string.Join(' ', auth.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("id").GetString())));
    }

    private static CredentialView View() => new(
        CredentialId.New(SignerId.New()), "for tests", KeyAlgorithm.P256, IsUsable: true, [_certificate, _issuer], IsInValidity: true, Multisign: 7,
        CredentialStatus.Active, new byte[1], IsImported: false, IsDestroyed: false, KeptUntil: null, Level: 1, Core.Factors.KeyAuthorization.Pin, new RowETag("1"));

    private static Result<CredentialDetails> Read(string json)
    {
        using JsonBody body = JsonBody.Parse(Encoding.UTF8.GetBytes(json)).Value;
        return CredentialDetails.Read(body);
    }

    private static JsonElement Show(string json, CredentialView credential, bool bare = true, bool encrypted = false) =>
        JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(Read(json).Value.Describe(credential, _ => new FactorForms(bare, encrypted)), CscJson.Web.CredentialInfo));

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
