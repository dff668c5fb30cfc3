using Sam.Api.Pipeline;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary>The factors of a request, by the names under which credentials/info announces them.</summary>
/// <param name="Pin">The PIN.</param>
/// <param name="DeviceAnswer">A device's answer to a challenge.</param>
/// <param name="OneTimePassword">A one-time password.</param>
/// <param name="OnDevice">Whether the signer is to approve on their device.</param>
internal sealed record AuthData(SecretText? Pin, SecretText? DeviceAnswer, SecretText? OneTimePassword, bool OnDevice)
{
    internal const string PinId = "PIN";
    internal const string OneTimePasswordId = "OTP";
    internal const string DeviceId = "DEVICE";
    internal const string DeviceAnswerId = "DEVICE-ANSWER";

    private const int MaxPinLength = 256;
    private const int MaxPasswordLength = 16;
    private const int MaxAnswerLength = 4_096;

    private static readonly AuthObject _pin = new("Password", PinId, "A", "PIN", "The PIN that was set when the signer was registered");

    private static readonly AuthObject _oneTimePassword = new("Password", OneTimePasswordId, "N", "One-time password", "What the signer's authenticator app shows")
    {
        Generator = "totp",
    };

    private static readonly AuthObject _device = new("ChallengeResponseOOB", DeviceId, null, "Device", "The signer approves on their own device, where they are asked for whatever else is needed");

    private static readonly AuthObject _deviceAnswer = new(
        "ChallengeResponse", DeviceAnswerId, "A", "Answer of the device", "What the signer's device makes of a challenge, the hashes and the description");

    /// <summary>What credentials/info says of these factors.</summary>
    internal static AuthInfo Describe(KeyAuthorization factors) =>
        factors.NeedsDevice
            ? factors.NeedsPin
                ? new AuthInfo("explicit", $"{DeviceId} OR ({DeviceAnswerId} AND {PinId})", [_device, _deviceAnswer, _pin])
                : new AuthInfo("explicit", $"{DeviceId} OR {DeviceAnswerId}", [_device, _deviceAnswer])
        : factors.NeedsTotp ? new AuthInfo("explicit", $"{PinId} AND {OneTimePasswordId}", [_pin, _oneTimePassword])
        : factors.NeedsPin ? new AuthInfo("explicit", PinId, [_pin])
        : new AuthInfo("explicit", null, []);

    /// <summary>Refused with AuthDataInvalid: a factor that is there twice, or that nobody announced, is a mistake to be told.</summary>
    internal static Result<AuthData> Read(IReadOnlyList<JsonBody> objects)
    {
        AuthData data = new(Pin: null, DeviceAnswer: null, OneTimePassword: null, OnDevice: false);
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonBody factor in objects)
        {
            if (factor.RequiredString("id").IsRefused(out _, out string? id) || !seen.Add(id) || With(data, id, factor) is not { } more)
            {
                return SamErrorCode.AuthDataInvalid;
            }

            data = more;
        }

        return data.OnDevice && objects.Count > 1 ? SamErrorCode.AuthDataInvalid : data;
    }

    private static AuthData? With(AuthData data, string id, JsonBody factor) => id switch
    {
        PinId => Value(factor, MaxPinLength) is { } pin ? data with { Pin = pin } : null,
        OneTimePasswordId => Value(factor, MaxPasswordLength) is { } password ? data with { OneTimePassword = password } : null,
        DeviceAnswerId => Value(factor, MaxAnswerLength) is { } answer ? data with { DeviceAnswer = answer } : null,
        DeviceId => factor.Has("value") ? null : data with { OnDevice = true },
        _ => null,
    };

    private static SecretText? Value(JsonBody factor, int longest) =>
        !factor.RequiredString("value").IsRefused(out _, out string? value) && value.Length > 0 && value.Length <= longest ? new SecretText(value) : null;
}
