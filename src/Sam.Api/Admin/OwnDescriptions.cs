using Sam.Api.OpenApi;
using Sam.Core.Credentials;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>What the OpenAPI document says of what signers do themselves.</summary>
internal static class OwnDescriptions
{
    private static readonly RequestMember _action = RequestMember.OneOf(
        "action", "What is done with the credential.",
        [.. new[] { CredentialAct.Suspend, CredentialAct.Resume, CredentialAct.Revoke, CredentialAct.Destroy }.Select(Names.ToName)]);

    private static readonly RequestMember _pin = RequestMember.Text("pin", "The signer's PIN.");

    private static readonly SamErrorCode[] _factor = [SamErrorCode.AuthDataInvalid, SamErrorCode.PinWrong, SamErrorCode.PinLocked];

    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["sam-enrolment"] = new(
            "A signer sets their factors", AdminJson.Web.SignerAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.NotTheSigner, SamErrorCode.EnrolmentCodeInvalid, SamErrorCode.SignerStateWrong,
            SamErrorCode.SignerUnknown)
        {
            Details = "With the code that an officer gave them, under their own login.",
            HasETag = true,
            Body = [RequestMember.Text("code", "The enrolment code."), RequestMember.Text("pin", "The PIN to be.")],
        },
        ["sam-me"] = new("The signer and all their credentials, as they are to themselves", AdminJson.Web.OwnAnswer, SamErrorCode.NotTheSigner),
        ["sam-me-confirmation"] = new(
            "Confirms a certified credential, which may be used from then on", AdminJson.Web.CredentialAnswer,
            [
                SamErrorCode.StringParameterMissing, SamErrorCode.CredentialUnknown, SamErrorCode.NotTheSigner, SamErrorCode.SignerStateWrong,
                SamErrorCode.CredentialStateWrong, .. _factor,
            ])
        {
            HasETag = true,
            Body = [_pin],
        },
        ["sam-me-challenges"] = new(
            "A challenge to stop a credential", AdminJson.Web.ChallengeAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.CredentialUnknown, SamErrorCode.NotTheSigner, SamErrorCode.CredentialStateWrong)
        {
            Details = "For one action, good once and for 5 minutes.",
            Status = 201,
            Body = [_action],
        },
        ["sam-me-stops"] = new(
            "Stops a credential", AdminJson.Web.CredentialAnswer,
            [
                SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.CredentialUnknown, SamErrorCode.NotTheSigner,
                SamErrorCode.CredentialStateWrong, SamErrorCode.ChallengeInvalid, SamErrorCode.ChallengeExpired, SamErrorCode.ChallengeUsed, .. _factor,
            ])
        {
            Details = "It holds for the very next signHash.",
            HasETag = true,
            Body =
            [
                _action, RequestMember.Text("challenge", "The challenge for this action."), _pin, RequestMember.Text("reason", "Why: 1 to 200 characters."),
            ],
        },
    };
}
