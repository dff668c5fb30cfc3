using Sam.Api.Pipeline;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Api.Csc;

/// <summary>The factors of a request, by the names under which credentials/info announces them.</summary>
/// <param name="Pin">The PIN.</param>
/// <param name="DeviceAnswer">A device's answer to a challenge.</param>
/// <param name="OneTimePassword">A one-time password.</param>
/// <param name="Encrypted">PIN, one-time password or both, encrypted.</param>
/// <param name="OnDevice">Whether the signer is to approve on their device.</param>
internal sealed record AuthData(SecretText? Pin, SecretText? DeviceAnswer, SecretText? OneTimePassword, SecretText? Encrypted, bool OnDevice)
{
    internal const string PinId = "PIN";
    internal const string OneTimePasswordId = "OTP";
    internal const string EncryptedId = "FACTORS-JWE";
    internal const string DeviceId = "DEVICE";
    internal const string DeviceAnswerId = "DEVICE-ANSWER";

    private const int MaxPinLength = 256;
    private const int MaxPasswordLength = 16;
    private const int MaxAnswerLength = 4_096;
    private const int MaxJweLength = 8_192;

    private static readonly AuthObject _pin = new("Password", PinId, "A", "PIN", "The PIN that was set when the signer was registered");

    private static readonly AuthObject _oneTimePassword = new("Password", OneTimePasswordId, "N", "One-time password", "What the signer's authenticator app shows")
    {
        Generator = "totp",
    };

    private static readonly AuthObject _device = new("ChallengeResponseOOB", DeviceId, null, "Device", "The signer approves on their own device, where they are asked for whatever else is needed");

    private static readonly AuthObject _deviceAnswer = new(
        "ChallengeResponse", DeviceAnswerId, "A", "Answer of the device", "What the signer's device makes of a challenge, the hashes and the description");

    private static readonly AuthObject _encrypted = new(
        "ChallengeResponse", EncryptedId, "A", "Encrypted factors", "A JWE in which a page of the signer's encrypted what they entered, for a challenge, the hashes and the description");

    /// <summary>What credentials/info says of these factors, in the forms that are taken.</summary>
    internal static AuthInfo Describe(KeyAuthorization factors, FactorForms forms)
    {
        if (!factors.NeedsPin)
        {
            return factors.NeedsDevice ? new AuthInfo("explicit", $"{DeviceId} OR {DeviceAnswerId}", [_device, _deviceAnswer]) : new AuthInfo("explicit", null, []);
        }

        string bare = factors.NeedsTotp ? $"({PinId} AND {OneTimePasswordId})" : PinId;
        string known = string.Join(" OR ", new[] { forms.Bare ? bare : null, forms.Encrypted ? EncryptedId : null }.OfType<string>());
        List<AuthObject> objects = factors.NeedsDevice ? [_device, _deviceAnswer] : [];
        objects.AddRange(forms.Bare ? factors.NeedsTotp ? [_pin, _oneTimePassword] : [_pin] : []);
        objects.AddRange(forms.Encrypted ? [_encrypted] : []);
        return known.Length == 0 ? new AuthInfo("explicit", factors.NeedsDevice ? DeviceId : null, factors.NeedsDevice ? [_device] : [])
            : factors.NeedsDevice ? new AuthInfo("explicit", $"{DeviceId} OR ({DeviceAnswerId} AND {(forms is { Bare: true, Encrypted: true } ? $"({known})" : known)})", objects)
            : new AuthInfo("explicit", forms.Encrypted ? known : known.Trim('(', ')'), objects);
    }

    /// <summary>Refused with AuthDataInvalid: a factor that is there twice, or that nobody announced, is a mistake to be told.</summary>
    internal static Result<AuthData> Read(IReadOnlyList<JsonBody> objects)
    {
        AuthData data = new(Pin: null, DeviceAnswer: null, OneTimePassword: null, Encrypted: null, OnDevice: false);
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
        EncryptedId => Value(factor, MaxJweLength) is { } jwe ? data with { Encrypted = jwe } : null,
        DeviceId => factor.Has("value") ? null : data with { OnDevice = true },
        _ => null,
    };

    private static SecretText? Value(JsonBody factor, int longest) =>
        !factor.RequiredString("value").IsRefused(out _, out string? value) && value.Length > 0 && value.Length <= longest ? new SecretText(value) : null;
}
