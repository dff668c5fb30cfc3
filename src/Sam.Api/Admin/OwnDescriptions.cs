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
            Body =
            [
                RequestMember.Text("code", "The enrolment code."),
                RequestMember.Text("pin", "The PIN to be; needed the first time.").Optional(),
                RequestMember.Flag("totp", "Whether an authenticator app gets a new secret; it is in the answer, and told once.").Optional(),
                RequestMember.Object(
                    "device", "A device that will approve.",
                    RequestMember.Text("name", "What its owner calls it: 1 to 100 characters."),
                    RequestMember.Bytes("publicKey", "SubjectPublicKeyInfo of its P-256 key, DER."),
                    RequestMember.Bytes("possession", "ES256 (R, S: 64 bytes) over four lines, each ended by a line feed: sam-device-enrolment/1, the deployment's id, SHA-256 of the code in "
                        + "lower-case hexadecimal, and the name.")).Optional(),
            ],
        },
        ["sam-me"] = new("The signer and all their credentials, as they are to themselves", AdminJson.Web.OwnAnswer, SamErrorCode.NotTheSigner),
        ["sam-me-approvals"] = new(
            "What waits for the signer's decision", AdminJson.Web.ApprovalsAnswer, SamErrorCode.NotTheSigner, SamErrorCode.ProofMissing, SamErrorCode.ProofInvalid)
        {
            Details = "Told to a device of the signer's: Sam-Proof is made with its key.",
            IsProved = true,
        },
        ["sam-me-decision"] = new(
            "Approves or refuses, on a device of the signer's", null,
            [
                SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.NotTheSigner, SamErrorCode.ApprovalUnknown, SamErrorCode.ApprovalClosed,
                SamErrorCode.ApprovalExpired, SamErrorCode.DeviceSignatureInvalid, SamErrorCode.CredentialChanged, .. _factor,
            ])
        {
            Details = "The device signs, with ES256, lines that are each ended by a line feed: sam-approval/1 (or sam-refusal/1), the deployment's id, the approval's id, the client, the "
                + "credentialID, the hash algorithm's object identifier, the count, the description (empty for none), the end in seconds since 1970, and the hashes in lower-case hexadecimal, "
                + "sorted, one per line.",
            Status = 204,
            Body =
            [
                RequestMember.OneOf("decision", "What the signer decides.", "approve", "refuse"),
                RequestMember.Text("device", "The device's id."),
                RequestMember.Bytes("signature", "The device's signature: R, S, 64 bytes."),
                RequestMember.Text("pin", "The signer's PIN, where the approval asks for it.").Optional(),
            ],
        },
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
                SamErrorCode.CredentialStateWrong, SamErrorCode.ChallengeInvalid, SamErrorCode.ChallengeExpired, SamErrorCode.ChallengeUsed,
                SamErrorCode.KeySwapped, SamErrorCode.AnchorBroken, .. _factor,
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
