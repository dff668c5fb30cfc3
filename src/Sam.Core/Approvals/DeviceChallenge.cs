using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Results;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>
/// A challenge that an application carries to the signer's device, and the answer back (CSC API 2.0 clause 11.8, ChallengeResponse): base64url of JSON that the device reads, a full stop, and
/// the SAM's seal over it. Nothing is stored for it: its use is what is kept (security decision 13).
/// </summary>
/// <param name="Sam">The deployment's id.</param>
/// <param name="Id">The approval's id.</param>
/// <param name="Client">The client that asked.</param>
/// <param name="Credential">The credential.</param>
/// <param name="ExpiresAt">In seconds since 1970.</param>
public sealed record DeviceChallenge(
    [property: JsonPropertyName("sam")] string Sam,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("client")] string Client,
    [property: JsonPropertyName("credential")] string Credential,
    [property: JsonPropertyName("exp")] long ExpiresAt)
{
    private const string Purpose = "device-challenge";
    private const int LongestText = 4_096;

    /// <summary>Reads a challenge as a device does: it cannot tell whose it is, and need not, since the SAM does.</summary>
    public static DeviceChallenge? TryRead(string text)
    {
        try
        {
            return text.Length <= LongestText ? JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text.Split('.')[0]), DeviceChallengeJson.Default.DeviceChallenge) : null;
        }
        catch (Exception unreadable) when (unreadable is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The answer: the challenge, a full stop, the device's id, a full stop, and its signature in base64url.</summary>
    public static string Answer(string challenge, DeviceId device, byte[] signature) => $"{challenge}.{device.Value}.{Base64Url.EncodeToString(signature)}";

    internal string Seal(Envelope envelope)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, DeviceChallengeJson.Default.DeviceChallenge);
        return $"{Base64Url.EncodeToString(json)}.{SealedToken.Seal(envelope, Purpose, json, []).Reveal()}";
    }

    /// <summary>Takes an answer apart. Refused with ChallengeInvalid: not this SAM's challenge, or no answer to one.</summary>
    internal static Result<DeviceAnswer> Open(Envelope envelope, SecretText answer)
    {
        try
        {
            return answer.Length <= LongestText && answer.Reveal().Split('.') is [var json, var seal, var device, var signature]
                && DeviceId.TryParse(device, out DeviceId deviceId) && OpenParts(envelope, json, seal) is { } challenge
                    ? new DeviceAnswer(challenge, deviceId, Base64Url.DecodeFromChars(signature))
                    : SamErrorCode.ChallengeInvalid;
        }
        catch (FormatException)
        {
            return SamErrorCode.ChallengeInvalid;
        }
    }

    /// <summary>Opens a challenge by itself. Refused with ChallengeInvalid: not this SAM's.</summary>
    internal static Result<OpenedChallenge> Open(Envelope envelope, string challenge)
    {
        try
        {
            return challenge.Length <= LongestText && challenge.Split('.') is [var json, var seal] && OpenParts(envelope, json, seal) is { } opened ? opened : SamErrorCode.ChallengeInvalid;
        }
        catch (FormatException)
        {
            return SamErrorCode.ChallengeInvalid;
        }
    }

    private static OpenedChallenge? OpenParts(Envelope envelope, string json, string seal) =>
        SealedToken.Open(envelope, Purpose, Base64Url.DecodeFromChars(json), new SecretText(seal)) is not null
            && JsonSerializer.Deserialize(Base64Url.DecodeFromChars(json), DeviceChallengeJson.Default.DeviceChallenge) is { } challenge
            && ApprovalId.TryParse(challenge.Id, out ApprovalId id)
                ? new OpenedChallenge(challenge, id)
                : null;
}

/// <summary>An answer whose challenge is this SAM's.</summary>
/// <param name="Challenge">The challenge.</param>
/// <param name="Device">Which device answers.</param>
/// <param name="Signature">What it signed with.</param>
internal sealed record DeviceAnswer(OpenedChallenge Challenge, DeviceId Device, byte[] Signature);

/// <summary>A challenge of this SAM's.</summary>
/// <param name="Content">What it says.</param>
/// <param name="Id">Its id.</param>
internal sealed record OpenedChallenge(DeviceChallenge Content, ApprovalId Id)
{
    internal DateTimeOffset ExpiresAt => DateTimeOffset.FromUnixTimeSeconds(Content.ExpiresAt);
}

/// <summary>The challenge's JSON.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DeviceChallenge))]
internal sealed partial class DeviceChallengeJson : JsonSerializerContext;
