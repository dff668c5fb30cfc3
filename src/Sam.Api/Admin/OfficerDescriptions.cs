using Sam.Api.OpenApi;
using Sam.Core.Officers;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>What the OpenAPI document says of the deployment, privileged users, proposals and clients.</summary>
internal static class OfficerDescriptions
{
    private static readonly RequestMember _issuer = RequestMember.Text("issuer", "Who verifies their login.");
    private static readonly RequestMember _subject = RequestMember.Text("subject", "Their login at this issuer.");
    private static readonly RequestMember _name = RequestMember.Text("name", "What people call them: 1 to 100 characters.");
    private static readonly RequestMember _officer = RequestMember.Text("officer", "Their id.");
    private static readonly RequestMember _role = RequestMember.OneOf("role", "The role.", [.. Enum.GetValues<PrivilegedRole>().Select(role => role.ToName())]);

    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["sam-status"] = new("Whether the deployment has privileged users, and how to know the SAM", AdminJson.Web.StatusAnswer, SamErrorCode.AnchorBroken),
        ["sam-initialization"] = new(
            "Names the first three security officers", AdminJson.Web.InitializationAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ArrayParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.InitializationSecretInvalid,
            SamErrorCode.AlreadyInitialized, SamErrorCode.AnchorBroken)
        {
            Details = "Once, with the deployment's one-time secret. Each gets a code to enrol with.",
            Status = 201,
            Body =
            [
                RequestMember.Text("secret", "The deployment's one-time secret."),
                RequestMember.Objects("officers", "Three.", _name, _issuer, _subject).Optional(),
            ],
        },
        ["sam-officers-list"] = new("All privileged users", AdminJson.Web.OfficersAnswer),
        ["sam-officers-enrolment"] = new(
            "A privileged user brings a key of their own", AdminJson.Web.OfficerAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.KeyWeak, SamErrorCode.ProofMissing, SamErrorCode.ProofInvalid,
            SamErrorCode.NotInitialized, SamErrorCode.AnchorBroken, SamErrorCode.OfficerUnknown, SamErrorCode.OfficerDisabled, SamErrorCode.EnrolmentCodeInvalid)
        {
            Details = "The proof is by the key that the body brings.",
            IsProved = true,
            Body = [RequestMember.Text("code", "The enrolment code."), RequestMember.Bytes("publicKey", "A P-256 public key, SubjectPublicKeyInfo in DER.")],
        },
        ["sam-proposals-list"] = new("Proposals, the oldest first", AdminJson.Web.ProposalsAnswer) { IsPaged = true },
        ["sam-proposals-create"] = new(
            "Proposes a change that takes two", AdminJson.Web.ProposalAnswer, SamErrorCode.ParameterInvalid, SamErrorCode.ChangeImpossible, SamErrorCode.TooFewOfficers)
        {
            Status = 201,
            HasLocation = true,
            Idempotency = RouteDescription.MadeOnce,
            Kinds = new Dictionary<string, IReadOnlyList<RequestMember>>(StringComparer.Ordinal)
            {
                ["add-officer"] = [_name, _role, _issuer, _subject],
                ["change-officer"] = [_officer, _name.Optional(), _role.Optional(), RequestMember.Flag("disabled", "Whether they may do nothing.").Optional()],
                ["renew-officer-key"] = [_officer],
                ["remove-officer"] = [_officer],
                ["approve-client"] = [RequestMember.Text("client", "The application, as its tokens name it.")],
                ["change-configuration"] =
                [
                    RequestMember.Objects("settings", "All settings.", RequestMember.Text("name", "Section and name."), RequestMember.Text("value", "The value.")),
                    RequestMember.Flag("atOnce", "Whether processes with the settings of before stop signing at once.").Optional(),
                ],
            },
        },
        ["sam-proposals-get"] = new("One proposal", AdminJson.Web.ProposalAnswer, SamErrorCode.ProposalUnknown),
        ["sam-proposals-approval"] = new(
            "Approves a proposal, and makes its change", AdminJson.Web.ApprovalAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ProposalUnknown, SamErrorCode.ProposalExpired, SamErrorCode.ProposalClosed, SamErrorCode.ProposalOwn,
            SamErrorCode.ProposalChanged, SamErrorCode.ChangeImpossible, SamErrorCode.TooFewOfficers)
        {
            Details = "Never by its proposer. Who approved it and lost the answer asks again, and gets a new code where there is one.",
            Body = [RequestMember.Text("change", "SHA-256 of the change as it was proposed, as the proposal's changeDigest says it.")],
        },
        ["sam-proposals-withdrawal"] = new("Withdraws a proposal, or turns it down", AdminJson.Web.ProposalAnswer, SamErrorCode.ProposalUnknown, SamErrorCode.ProposalClosed),
        ["sam-configuration-get"] = new("The settings that decide security: those that run, and those that two security officers approved", AdminJson.Web.ConfigurationAnswer)
        {
            Details = "Running are those of the process that answers; others may differ while they are exchanged. Where they are enforced and not approved, it signs nothing.",
        },
        ["sam-configuration-history"] = new("All settings that were ever approved, the oldest first", AdminJson.Web.ConfigurationsAnswer),
        ["sam-clients-list"] = new("Signature creation applications", AdminJson.Web.ClientsAnswer) { IsPaged = true },
        ["sam-clients-stop"] = new("Stops an application", null, SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid)
        {
            Details = "One security officer is enough. It is approved again by a proposal.",
            Status = 204,
            Body = [RequestMember.Text("client", "The application, as its tokens name it.")],
        },
    };
}
