using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sam.LocalHost.Development;

/// <summary>A signer that was made.</summary>
internal sealed record SignerAnswer([property: JsonPropertyName("signerID")] string SignerId, [property: JsonPropertyName("userID")] string UserId);

/// <summary>A credential that was made, and its public key: SubjectPublicKeyInfo, DER, base64.</summary>
internal sealed record CredentialAnswer([property: JsonPropertyName("credentialID")] string CredentialId, [property: JsonPropertyName("publicKey")] string PublicKey);

[JsonSerializable(typeof(CredentialAnswer))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, long>))]
[JsonSerializable(typeof(SignerAnswer))]
internal sealed partial class DevelopmentJson : JsonSerializerContext
{
    internal static DevelopmentJson Web { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
