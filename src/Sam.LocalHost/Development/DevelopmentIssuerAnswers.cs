using System.Text.Json.Serialization;

namespace Sam.LocalHost.Development;

/// <summary>RFC 6749 section 5.1. A class: a record would print the token.</summary>
internal sealed class DevelopmentToken
{
    [JsonPropertyName("access_token")]
    public required string AccessToken { get; init; }

    [JsonPropertyName("token_type")]
    public string TokenType { get; } = "Bearer";

    [JsonPropertyName("expires_in")]
    public required int ExpiresIn { get; init; }
}

/// <summary>RFC 6749 section 5.2.</summary>
internal sealed record DevelopmentTokenError(
    [property: JsonPropertyName("error")] string Error, [property: JsonPropertyName("error_description")] string Description);

/// <summary>RFC 8414 section 2, and what OpenID Connect Discovery asks for beside it.</summary>
internal sealed record DevelopmentMetadata(
    [property: JsonPropertyName("issuer")] string Issuer,
    [property: JsonPropertyName("token_endpoint")] string TokenEndpoint,
    [property: JsonPropertyName("jwks_uri")] string KeySet,
    [property: JsonPropertyName("grant_types_supported")] IReadOnlyList<string> GrantTypes,
    [property: JsonPropertyName("response_types_supported")] IReadOnlyList<string> ResponseTypes,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] IReadOnlyList<string> ClientAuthentication,
    [property: JsonPropertyName("subject_types_supported")] IReadOnlyList<string> SubjectTypes,
    [property: JsonPropertyName("id_token_signing_alg_values_supported")] IReadOnlyList<string> SigningAlgorithms);

/// <summary>RFC 7517 section 5.</summary>
internal sealed record DevelopmentKeySet([property: JsonPropertyName("keys")] IReadOnlyList<DevelopmentPublicKey> Keys);

/// <summary>RFC 7518 section 6.2: the public members, and no others.</summary>
internal sealed record DevelopmentPublicKey(
    [property: JsonPropertyName("kty")] string Type,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Algorithm,
    [property: JsonPropertyName("kid")] string Id,
    [property: JsonPropertyName("crv")] string Curve,
    [property: JsonPropertyName("x")] string X,
    [property: JsonPropertyName("y")] string Y);

[JsonSerializable(typeof(DevelopmentToken))]
[JsonSerializable(typeof(DevelopmentTokenError))]
[JsonSerializable(typeof(DevelopmentMetadata))]
[JsonSerializable(typeof(DevelopmentKeySet))]
internal sealed partial class DevelopmentIssuerJson : JsonSerializerContext;
