using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Randomness;

namespace Sam.Core.Officers;

/// <summary>
/// What a privileged user's own key signs with each request, as the payload of a compact JWS (RFC 7515): which request, under which token, when. So a stolen token alone
/// does nothing, and neither does a captured proof: it is for these bytes, and good once.
/// </summary>
/// <param name="Deployment">The deployment's id, from <c>GET /sam/v1/status</c>.</param>
/// <param name="Method">The HTTP method, upper-case.</param>
/// <param name="Target">Path and query as sent, beginning with a slash.</param>
/// <param name="TokenHash">SHA-256 of the access token's ASCII, base64url (as <c>ath</c> in RFC 9449).</param>
/// <param name="BodyHash">SHA-256 of the body's bytes, base64url; of no bytes where there is none.</param>
/// <param name="Id">16 or more random bytes, base64url: 22 to 64 characters.</param>
/// <param name="IssuedAt">Seconds since 1970.</param>
/// <param name="IfMatch">The header <c>If-Match</c> as sent; null without one.</param>
/// <param name="IdempotencyKey">The header <c>Idempotency-Key</c> as sent; null without one.</param>
public sealed record ProofClaims(
    [property: JsonPropertyName("sam")] string Deployment,
    [property: JsonPropertyName("htm")] string Method,
    [property: JsonPropertyName("htu")] string Target,
    [property: JsonPropertyName("ath")] string TokenHash,
    [property: JsonPropertyName("bdh")] string BodyHash,
    [property: JsonPropertyName("jti")] string Id,
    [property: JsonPropertyName("iat")] long IssuedAt,
    [property: JsonPropertyName("ifm")] string? IfMatch = null,
    [property: JsonPropertyName("idk")] string? IdempotencyKey = null)
{
    /// <summary>The protected header: one algorithm and one type, so there is nothing to choose and nothing to confuse.</summary>
    internal const string Header = """{"alg":"ES256","typ":"sam-proof+jwt"}""";

    /// <summary>SHA-256 of some bytes, base64url without padding.</summary>
    public static string HashOf(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(bytes));

    /// <summary>A fresh <see cref="Id"/>.</summary>
    public static string NewId() => System.Buffers.Text.Base64Url.EncodeToString(RandomSource.GetBytes(16));

    /// <summary>Signs: the value of the header <c>Sam-Proof</c>.</summary>
    /// <param name="key">The user's own key, P-256.</param>
    public string Sign(ECDsa key)
    {
        string signed = $"{Encode(Encoding.UTF8.GetBytes(Header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(this, ProofJson.Default.ProofClaims))}";
        return $"{signed}.{Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}

/// <summary>The claims' JSON. A member that is missing, stands twice or is unknown refuses the proof.</summary>
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProofClaims))]
internal sealed partial class ProofJson : JsonSerializerContext;
