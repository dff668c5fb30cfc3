using System.Text.Json.Serialization;

namespace Sam.Cli.Http;

/// <summary>Names as the CSC API writes them: camelCase, and <c>SAD</c>, which is not.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DevelopmentOfficersAnswer))]
[JsonSerializable(typeof(InfoRequest))]
[JsonSerializable(typeof(InfoAnswer))]
[JsonSerializable(typeof(ListRequest))]
[JsonSerializable(typeof(ListAnswer))]
[JsonSerializable(typeof(CredentialInfoRequest))]
[JsonSerializable(typeof(CredentialInfoAnswer))]
[JsonSerializable(typeof(AuthorizeRequest))]
[JsonSerializable(typeof(AuthorizeAnswer))]
[JsonSerializable(typeof(HandleAnswer))]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(ChallengeRequest))]
[JsonSerializable(typeof(ChallengeAnswer))]
[JsonSerializable(typeof(ExtendRequest))]
[JsonSerializable(typeof(SignHashRequest))]
[JsonSerializable(typeof(SignHashAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class SamJson : JsonSerializerContext;
