using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sam.Core.Results;
using Sam.Testing.Authentication;
using Xunit;

namespace Sam.Tests.Authentication;

/// <summary>Tokens that the issuer never signed. Each differs in one thing from a token that the first test accepts.</summary>
public sealed class ForgedTokenTests : IClassFixture<AuthorityFixture>, IAsyncDisposable
{
    private readonly AuthorityFixture _issuer;
    private readonly AuthenticationBed _bed;

    public ForgedTokenTests(AuthorityFixture issuer)
    {
        _issuer = issuer;
        _bed = AuthenticationBed.Oidc(issuer.Authority);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task The_token_that_all_are_made_from_is_accepted()
    {
        Assert.Equal("sca", (await _bed.AuthenticateTokenAsync(_issuer.Key.Sign(Claims()))).Value.Client.Value);
        Assert.Equal("sca", (await _bed.AuthenticateTokenAsync(_issuer.RsaKey.Sign(Claims()))).Value.Client.Value);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task An_unsigned_token_is_refused(string algorithm)
    {
        JsonObject header = _issuer.Key.Header();
        header["alg"] = algorithm;
        string unsigned = $"{TokenKey.Encode(header.ToJsonString())}.{TokenKey.Encode(Claims().ToJsonString())}.";
        await RefusesAsync(unsigned);
        await RefusesAsync(unsigned + Signature(_issuer.Key.Sign(Claims())));
        header.Remove("alg");
        await RefusesAsync($"{TokenKey.Encode(header.ToJsonString())}.{TokenKey.Encode(Claims().ToJsonString())}.");
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task The_public_key_is_no_secret(string algorithm)
    {
        JsonObject header = _issuer.RsaKey.Header();
        header["alg"] = algorithm;
        string signed = $"{TokenKey.Encode(header.ToJsonString())}.{TokenKey.Encode(Claims().ToJsonString())}";
        byte[] data = Encoding.ASCII.GetBytes(signed);
        string pem = _issuer.RsaKey.PublicPem;
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(pem),
            Encoding.ASCII.GetBytes(pem + "\n"),
            Convert.FromBase64String(string.Concat(pem.Split('\n')[1..^1])),
            Base64Url.DecodeFromChars(_issuer.RsaKey.ToJwk()["n"]!.GetValue<string>()),
            Encoding.UTF8.GetBytes(_issuer.RsaKey.ToJwk().ToJsonString()),
            [],
        ];
        foreach (byte[] secret in secrets)
        {
            byte[] mac = algorithm switch
            {
                "HS256" => HMACSHA256.HashData(secret, data),
                "HS384" => HMACSHA384.HashData(secret, data),
                _ => HMACSHA512.HashData(secret, data),
            };
            await RefusesAsync($"{signed}.{Base64Url.EncodeToString(mac)}");
        }
    }

    [Theory]
    [InlineData("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")]
    [InlineData("SHA256withRSA")]
    [InlineData("rs256")]
    public async Task An_algorithm_has_one_name(string algorithm)
    {
        JsonObject header = _issuer.RsaKey.Header();
        header["alg"] = algorithm;
        await RefusesAsync(_issuer.RsaKey.SignAs(header, Claims().ToJsonString()));
    }

    [Theory]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("x5c")]
    public async Task A_key_that_the_token_brings_along_is_not_looked_at(string member)
    {
        using TokenKey attacker = new(_issuer.RsaKey.Id, "RS256");
        JsonObject header = attacker.Header();
        header[member] = member switch
        {
            "jwk" => attacker.ToJwk(),
            "x5c" => new JsonArray(SelfSigned()),
            _ => $"{_issuer.Authority.Address}/{member}",
        };
        await RefusesAsync(attacker.SignAs(header, Claims().ToJsonString()));
        Assert.DoesNotContain($"/{member}", _issuer.Authority.Requests);
    }

    [Fact]
    public async Task A_key_of_the_same_name_is_not_the_key()
    {
        using TokenKey attacker = new(_issuer.Key.Id);
        await RefusesAsync(attacker.Sign(Claims()));
    }

    [Fact]
    public async Task A_token_names_its_key()
    {
        JsonObject header = _issuer.Key.Header();
        header.Remove("kid");
        await RefusesAsync(_issuer.Key.SignAs(header, Claims().ToJsonString()));
        header["kid"] = "unknown";
        await RefusesAsync(_issuer.Key.SignAs(header, Claims().ToJsonString()));
        header["kid"] = _issuer.RsaKey.Id;
        await RefusesAsync(_issuer.Key.SignAs(header, Claims().ToJsonString()));
    }

    [Fact]
    public async Task A_signature_of_zeros_is_refused()
    {
        string token = _issuer.Key.Sign(Claims());
        await RefusesAsync(WithSignature(token, new byte[64]));
        await RefusesAsync(WithSignature(token, [.. new byte[31], 1, .. new byte[32]]));
        await RefusesAsync(WithSignature(token, []));
        await RefusesAsync(WithSignature(token, new byte[63]));
    }

    [Fact]
    public async Task Any_bit_flipped_is_refused()
    {
        string[] parts = _issuer.Key.Sign(Claims()).Split('.');
        for (int part = 0; part < parts.Length; part++)
        {
            byte[] bytes = Base64Url.DecodeFromChars(parts[part]);
            for (int bit = 0; bit < bytes.Length * 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                string[] forged = [.. parts];
                forged[part] = Base64Url.EncodeToString(changed);
                Result<Core.Values.Caller> result = await _bed.AuthenticateTokenAsync(string.Join('.', forged));
                Assert.True(result.Refusal?.Code == SamErrorCode.TokenInvalid, $"Part {part}, bit {bit}: {result.Refusal?.Code}");
            }
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d")]
    [InlineData("e30.e30.")]
    [InlineData("e30.e30.e30")]
    [InlineData("..")]
    [InlineData("....")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    [InlineData("W10.W10.W10")]
    public Task What_is_no_JWT_is_refused(string text) => RefusesAsync(text);

    [Fact]
    public async Task An_encrypted_token_is_refused()
    {
        string header = TokenKey.Encode("""{"alg":"dir","enc":"A256GCM","typ":"at+jwt","kid":"k1"}""");
        await RefusesAsync($"{header}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA");
    }

    [Fact]
    public async Task A_critical_extension_is_refused_although_the_issuer_signed_it()
    {
        JsonObject header = _issuer.Key.Header();
        header["crit"] = new JsonArray("exp");
        header["exp"] = _bed.Now + 3600;
        await RefusesAsync(_issuer.Key.SignAs(header, Claims().ToJsonString()));
        header["crit"] = new JsonArray();
        await RefusesAsync(_issuer.Key.SignAs(header, Claims().ToJsonString()));
    }

    [Theory]
    [InlineData("at+jwt", true)]
    [InlineData("application/at+jwt", true)]
    [InlineData("JWT", true)]
    [InlineData("logout+jwt", false)]
    [InlineData("dpop+jwt", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public async Task Only_access_tokens_are_accepted(string? type, bool accepted)
    {
        JsonObject header = _issuer.Key.Header();
        if (type is null)
        {
            header.Remove("typ");
        }
        else
        {
            header["typ"] = type;
        }

        string token = _issuer.Key.SignAs(header, Claims().ToJsonString());
        Assert.Equal(accepted ? null : SamErrorCode.TokenInvalid, (await _bed.AuthenticateTokenAsync(token)).Refusal?.Code);
    }

    private static string SelfSigned()
    {
        using RSA key = RSA.Create(2048);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=attacker", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return Convert.ToBase64String(certificate.RawData);
    }

    private static string Signature(string token) => token[(token.LastIndexOf('.') + 1)..];

    private static string WithSignature(string token, byte[] signature) => token[..(token.LastIndexOf('.') + 1)] + Base64Url.EncodeToString(signature);

    private JsonObject Claims() => _bed.Claims(_issuer.Authority);

    private async Task RefusesAsync(string token) => Assert.Equal(SamErrorCode.TokenInvalid, (await _bed.AuthenticateTokenAsync(token)).Refusal?.Code);
}
