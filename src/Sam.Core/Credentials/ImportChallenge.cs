using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Algorithms;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// What a key is imported under: sealed by the SAM before the key is seen, so that whoever brings the key changes nothing of what it will be (T-IMP-1), and no other key data fits it
/// (T-IMP-2, T-IMP-3).
/// </summary>
/// <param name="Id">16 random bytes, hexadecimal.</param>
/// <param name="Credential">What the credential will be called.</param>
/// <param name="Algorithm">The kind of the key, by name.</param>
/// <param name="Multisign">How many signatures one authorization may cover.</param>
/// <param name="Description">Shown to users; null for none.</param>
/// <param name="Level">The level.</param>
/// <param name="Authorization">The factors, by name.</param>
/// <param name="ExchangeKey">The key in the HSM that the key is wrapped for.</param>
/// <param name="Version">The version of the exchange key's row.</param>
/// <param name="MadeAt">By the store's clock.</param>
internal sealed record ImportChallenge(string Id, string Credential, string Algorithm, int Multisign, string? Description, int Level, string Authorization, string ExchangeKey, string Version, DateTimeOffset MadeAt)
{
    private const string Purpose = "import-challenge";

    internal CredentialId CredentialId => CredentialId.TryParse(Credential, out CredentialId id) ? id : throw new InvalidOperationException("The challenge names no credential.");

    internal KeyReference Key => KeyReference.Parse(ExchangeKey);

    internal DateTimeOffset ExpiresAt => MadeAt + ExchangeKeys.Lifetime;

    internal CredentialRequest Request => KeyAlgorithm.TryFromName(Algorithm, out KeyAlgorithm? algorithm)
        && KeyAuthorization.TryFromName(Authorization, out KeyAuthorization? authorization)
        ? new CredentialRequest(algorithm, Multisign, Description, Level, authorization)
        : throw new InvalidOperationException("The challenge names an unknown algorithm, or unknown factors.");

    internal SecretText Seal(Envelope envelope) =>
        SealedToken.Seal(envelope, Purpose, Bound(CredentialId.Signer), JsonSerializer.SerializeToUtf8Bytes(this, ImportChallengeJson.Default.ImportChallenge));

    /// <summary>Refused with ChallengeInvalid (not ours, changed, or for another signer) or ChallengeExpired.</summary>
    internal static Result<ImportChallenge> Open(Envelope envelope, SecretText text, SignerId signer, DateTimeOffset now) =>
        SealedToken.Open(envelope, Purpose, Bound(signer), text) is not { } plain
        || JsonSerializer.Deserialize(plain, ImportChallengeJson.Default.ImportChallenge) is not { } challenge
            ? SamErrorCode.ChallengeInvalid
            : now < challenge.ExpiresAt ? challenge : SamErrorCode.ChallengeExpired;

    internal RowETag RowVersion() => new(Version);

    private static byte[] Bound(SignerId signer) => AssociatedData.Of("sam-import/1", signer.Value);
}

/// <summary>The challenge's JSON, inside its seal.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ImportChallenge))]
internal sealed partial class ImportChallengeJson : JsonSerializerContext;
