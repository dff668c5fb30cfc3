using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sam.Api.Authentication;

namespace Sam.LocalHost.Development;

/// <summary>Issues access tokens (RFC 9068) to whoever asks. There is nothing to log in to: it stands in for an identity provider in demos and tests.</summary>
internal sealed class DevelopmentIssuer : IDisposable
{
    /// <summary>What its tokens name as <c>aud</c>, unless <c>Sam:Authentication:Audience</c> says something else.</summary>
    internal const string DefaultAudience = "sam";

    /// <summary>The path that its name ends with.</summary>
    internal const string Path = "/dev";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly ECDsa _privateKey = ECDsa.Create();
    private readonly ECDsaSecurityKey _key;
    private readonly string _audience;
    private readonly string? _publicIssuer;
    private readonly TimeProvider _clock;

    /// <param name="pkcs8">The private key, P-256.</param>
    /// <param name="audience">What its tokens are for.</param>
    /// <param name="publicAddress">The service's address where one is configured; else each request's own, which must be on loopback.</param>
    /// <param name="clock">The clock.</param>
    internal DevelopmentIssuer(byte[] pkcs8, string audience, Uri? publicAddress, TimeProvider clock)
    {
        _privateKey.ImportPkcs8PrivateKey(pkcs8, out _);
        _key = new ECDsaSecurityKey(_privateKey);
        _key.KeyId = Base64UrlEncoder.Encode(_key.ComputeJwkThumbprint());
        _audience = audience;
        _publicIssuer = publicAddress is null ? null : publicAddress.OriginalString.TrimEnd('/') + Path;
        _clock = clock;
    }

    /// <summary>How the host's own verifier knows it.</summary>
    internal DevelopmentTrust Trust => new(_key, IsOwn);

    public void Dispose() => _privateKey.Dispose();

    /// <summary>The issuer's name under the address that a request was sent to.</summary>
    /// <remarks>
    /// Null for a host that is not loopback: a page whose name was re-pointed to this machine would otherwise be told tokens as if it were at home here.
    /// </remarks>
    internal string? NameFor(HttpRequest request)
    {
        string name = $"{request.Scheme}://{request.Host}{Path}";
        return _publicIssuer ?? (IsLoopback(name) ? name : null);
    }

    internal string Issue(string issuer, DevelopmentTokenRequest wanted)
    {
        DateTime now = _clock.GetUtcNow().UtcDateTime;
        Dictionary<string, object> claims = new()
        {
            ["azp"] = wanted.Client.Value,
            ["client_id"] = wanted.Client.Value,
            ["sub"] = wanted.Subject ?? wanted.Client.Value,
            ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
        };
        if (wanted.Role is not null)
        {
            claims["roles"] = new[] { wanted.Role };
        }

        if (wanted.Subject is not null)
        {
            claims["auth_time"] = EpochTime.GetIntDate(now);
        }

        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = issuer,
            Audience = _audience,
            IssuedAt = now,
            Expires = now + wanted.Lifetime,
            Claims = claims,
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.EcdsaSha256),
        });
    }

    internal DevelopmentKeySet PublicKeys()
    {
        JsonWebKey key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(_key);
        return new DevelopmentKeySet([new DevelopmentPublicKey(key.Kty, "sig", SecurityAlgorithms.EcdsaSha256, key.Kid, key.Crv, key.X, key.Y)]);
    }

    /// <summary>The key proves the issuer; the name only has to be one that <see cref="NameFor"/> gives, on any port of this machine.</summary>
    private bool IsOwn(string issuer) => issuer == _publicIssuer || IsLoopback(issuer);

    private static bool IsLoopback(string name) =>
        Uri.TryCreate(name, UriKind.Absolute, out Uri? address) && address.IsLoopback && !address.IsFile && address.PathAndQuery == Path;
}
