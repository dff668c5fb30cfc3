using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Results;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>What a signer must answer to stop a credential of theirs: sealed by the SAM, for one action on one credential, for 5 minutes (STP-1, STP-2).</summary>
/// <param name="Id">16 random bytes, hexadecimal: what is kept when it is used.</param>
/// <param name="Credential">The credential.</param>
/// <param name="Act">What is to be done with it.</param>
/// <param name="ExpiresAt">By the store's clock.</param>
internal sealed record StopChallenge(string Id, string Credential, CredentialAct Act, DateTimeOffset ExpiresAt)
{
    private const string Purpose = "stop-challenge";
    private const int IdBytes = 16;

    internal static TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(5);

    internal static (StopChallenge Challenge, SecretText Text) Make(Envelope envelope, CredentialId credential, CredentialAct act, DateTimeOffset now)
    {
        StopChallenge challenge = new(RandomIds.New(IdBytes), credential.Value, act, now + Lifetime);
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(challenge, StopChallengeJson.Default.StopChallenge);
        return (challenge, SealedToken.Seal(envelope, Purpose, Bound(credential), plain));
    }

    /// <summary>Refused with ChallengeInvalid (not ours, changed, or for another credential or action) or ChallengeExpired.</summary>
    internal static Result<StopChallenge> Open(Envelope envelope, SecretText text, CredentialId credential, CredentialAct act, DateTimeOffset now)
    {
        if (SealedToken.Open(envelope, Purpose, Bound(credential), text) is not { } plain
            || JsonSerializer.Deserialize(plain, StopChallengeJson.Default.StopChallenge) is not { } challenge
            || challenge.Act != act || challenge.Credential != credential.Value)
        {
            return SamErrorCode.ChallengeInvalid;
        }

        return now < challenge.ExpiresAt ? challenge : SamErrorCode.ChallengeExpired;
    }

    private static byte[] Bound(CredentialId credential) => AssociatedData.Of("sam-stop/1", credential.Value);
}

/// <summary>The challenge's JSON, inside its seal.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StopChallenge))]
internal sealed partial class StopChallengeJson : JsonSerializerContext;
