using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sam.Api.Csc;

/// <summary>The JSON of the CSC API. Answers are JSON only, never part of a page: base64's <c>+</c> stays as it is, for clients with simple parsers.</summary>
[JsonSerializable(typeof(AuthorizeAnswer))]
[JsonSerializable(typeof(DeviceChallengeAnswer))]
[JsonSerializable(typeof(CredentialInfo))]
[JsonSerializable(typeof(CredentialList))]
[JsonSerializable(typeof(CscError))]
[JsonSerializable(typeof(HandleAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(ServiceInfo))]
[JsonSerializable(typeof(SignHashAnswer))]
internal sealed partial class CscJson : JsonSerializerContext
{
    internal static CscJson Web { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
