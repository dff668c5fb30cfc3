using System.Text.Json.Serialization;

namespace Sam.Core.Encryption;

/// <summary>A public key (RFC 7517), to which factors are encrypted.</summary>
/// <param name="Kty">EC or RSA.</param>
/// <param name="Alg">How the content key comes to be: ECDH-ES or RSA-OAEP-256.</param>
/// <param name="Kid">The key's thumbprint (RFC 7638).</param>
public sealed record JsonWebKey(
    [property: JsonPropertyName("kty")] string Kty,
    [property: JsonPropertyName("alg")] string Alg,
    [property: JsonPropertyName("kid")] string Kid)
{
    /// <summary>What it is for.</summary>
    [JsonPropertyName("use")]
    public string Use { get; init; } = "enc";

    /// <summary>The curve; null for RSA.</summary>
    [JsonPropertyName("crv")]
    public string? Crv { get; init; }

    /// <summary>The point's first coordinate, base64url.</summary>
    [JsonPropertyName("x")]
    public string? X { get; init; }

    /// <summary>The point's second coordinate, base64url.</summary>
    [JsonPropertyName("y")]
    public string? Y { get; init; }

    /// <summary>The modulus, base64url; null for a curve.</summary>
    [JsonPropertyName("n")]
    public string? N { get; init; }

    /// <summary>The exponent, base64url.</summary>
    [JsonPropertyName("e")]
    public string? E { get; init; }
}

/// <summary>The keys of a deployment, as the SAM signs them: the payload of a JWS (RFC 7515) by ES256.</summary>
/// <param name="Sam">The deployment's id.</param>
/// <param name="IssuedAt">When it was signed, in seconds since 1970.</param>
/// <param name="ExpiresAt">Until when it is to be believed.</param>
/// <param name="Keys">The newest first: the one to use.</param>
public sealed record FactorKeySet(
    [property: JsonPropertyName("sam")] string Sam,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("exp")] long ExpiresAt,
    [property: JsonPropertyName("keys")] IReadOnlyList<JsonWebKey> Keys);

/// <summary>The JSON of keys.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FactorKeySet))]
internal sealed partial class FactorKeyJson : JsonSerializerContext;
