using System.Text.Json.Serialization;

namespace Sam.Api.Csc;

/// <summary><c>info</c> (CSC API 2.0 clause 11.1).</summary>
internal sealed record ServiceInfo(
    [property: JsonPropertyName("specs")] string Specs,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("logo")] string Logo,
    [property: JsonPropertyName("region")] string Region,
    [property: JsonPropertyName("lang")] string Lang,
    [property: JsonPropertyName("description")] string Description,
    [property: JsonPropertyName("authType")] IReadOnlyList<string> AuthType,
    [property: JsonPropertyName("oauth2Issuer")] string OAuth2Issuer,
    [property: JsonPropertyName("methods")] IReadOnlyList<string> Methods,
    [property: JsonPropertyName("asynchronousOperationMode")] bool AsynchronousOperationMode,
    [property: JsonPropertyName("validationInfo")] bool ValidationInfo,
    [property: JsonPropertyName("supportedHashTypes")] IReadOnlyList<string> SupportedHashTypes,
    [property: JsonPropertyName("signAlgorithms")] SignAlgorithms SignAlgorithms,
    [property: JsonPropertyName("signature_formats")] SignatureFormats SignatureFormats,
    [property: JsonPropertyName("conformance_levels")] IReadOnlyList<string> ConformanceLevels)
{
    /// <summary>The keys to which factors are encrypted: a JWS by the SAM's own key. Not of the CSC API; left out where there are none.</summary>
    [JsonPropertyName("factorKeys")]
    public string? FactorKeys { get; init; }
}

/// <summary>The signature algorithms by object identifier.</summary>
internal sealed record SignAlgorithms(
    [property: JsonPropertyName("algos")] IReadOnlyList<string> Algos,
    [property: JsonPropertyName("algoParams")] IReadOnlyList<string> AlgoParams);

/// <summary>The signature formats that clients can build on signHash.</summary>
internal sealed record SignatureFormats(
    [property: JsonPropertyName("formats")] IReadOnlyList<string> Formats,
    [property: JsonPropertyName("envelope_properties")] IReadOnlyList<IReadOnlyList<string>> EnvelopeProperties);

/// <summary><c>credentials/list</c> (clause 11.4).</summary>
internal sealed record CredentialList(
    [property: JsonPropertyName("credentialIDs")] IReadOnlyList<string> CredentialIds,
    [property: JsonPropertyName("credentialInfos")] IReadOnlyList<CredentialInfo>? CredentialInfos,
    [property: JsonPropertyName("onlyValid")] bool? OnlyValid);

/// <summary><c>credentials/info</c> (clause 11.5); with its id where it stands in a list.</summary>
internal sealed record CredentialInfo(
    [property: JsonPropertyName("credentialID")] string? CredentialId,
    [property: JsonPropertyName("description")] string? Description,
    [property: JsonPropertyName("key")] KeyInfo Key,
    [property: JsonPropertyName("cert")] CertInfo Cert,
    [property: JsonPropertyName("auth")] AuthInfo Auth,
    [property: JsonPropertyName("SCAL")] string Scal,
    [property: JsonPropertyName("multisign")] int Multisign,
    [property: JsonPropertyName("lang")] string Lang);

/// <summary>The key.</summary>
internal sealed record KeyInfo(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("algo")] IReadOnlyList<string> Algo,
    [property: JsonPropertyName("len")] int Len,
    [property: JsonPropertyName("curve")] string? Curve);

/// <summary>The certificate.</summary>
internal sealed record CertInfo(
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("certificates")] IReadOnlyList<string>? Certificates,
    [property: JsonPropertyName("issuerDN")] string? IssuerDn,
    [property: JsonPropertyName("serialNumber")] string? SerialNumber,
    [property: JsonPropertyName("subjectDN")] string? SubjectDn,
    [property: JsonPropertyName("validFrom")] string? ValidFrom,
    [property: JsonPropertyName("validTo")] string? ValidTo);

/// <summary>How the credential is authorized.</summary>
internal sealed record AuthInfo(
    [property: JsonPropertyName("mode")] string Mode,
    [property: JsonPropertyName("expression")] string? Expression,
    [property: JsonPropertyName("objects")] IReadOnlyList<AuthObject>? Objects);

/// <summary>One factor.</summary>
internal sealed record AuthObject(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("format")] string? Format,
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("description")] string Description)
{
    /// <summary>How the value is made, where that is worth a word: <c>totp</c>.</summary>
    [JsonPropertyName("generator")]
    public string? Generator { get; init; }
}

/// <summary><c>credentials/authorize</c> (clause 11.6).</summary>
/// <remarks>A class: a record would print the SAD wherever it is printed.</remarks>
internal sealed class AuthorizeAnswer(string sad, int expiresIn, IReadOnlyList<string>? hashes = null)
{
    /// <summary>The SAD.</summary>
    [JsonPropertyName("SAD")]
    public string Sad { get; } = sad;

    /// <summary>Its life, in seconds.</summary>
    [JsonPropertyName("expiresIn")]
    public int ExpiresIn { get; } = expiresIn;

    /// <summary>What an extension's SAD is for, base64, where the client named no hashes. Not of the CSC API.</summary>
    [JsonPropertyName("hashes")]
    public IReadOnlyList<string>? Hashes { get; } = hashes;
}

/// <summary>By what an approval is asked after (clause 11.7).</summary>
internal sealed class HandleAnswer(string handle)
{
    /// <summary>The handle, opaque.</summary>
    [JsonPropertyName("handle")]
    public string Handle { get; } = handle;
}

/// <summary><c>credentials/getChallenge</c> (clause 11.8).</summary>
internal sealed record DeviceChallengeAnswer([property: JsonPropertyName("challenge")] string Challenge);

/// <summary><c>signatures/signHash</c> (clause 11.10); with a receipt, which is not of the CSC API, for who asks for one.</summary>
internal sealed record SignHashAnswer(
    [property: JsonPropertyName("signatures")] IReadOnlyList<string> Signatures,
    [property: JsonPropertyName("receipt")] string? Receipt);

/// <summary>Liveness: the process answers.</summary>
internal sealed record HealthAnswer([property: JsonPropertyName("status")] string Status);

/// <summary>Readiness: what was asked just now, and whether it answered.</summary>
internal sealed record ReadyAnswer(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("hsm")] string Hsm,
    [property: JsonPropertyName("storage")] string Storage,
    [property: JsonPropertyName("audit")] string Audit,
    [property: JsonPropertyName("configuration")] string Configuration,
    [property: JsonPropertyName("randomness")] string Randomness);
