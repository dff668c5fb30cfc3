using Sam.Api.OpenApi;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>What the OpenAPI document says of signers.</summary>
internal static class SignerDescriptions
{
    private static readonly RequestMember _clients = RequestMember.Texts("clients", "The applications that may act for the signer, as their tokens name them; at most 20.");

    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["sam-signers-list"] = new("Signers", AdminJson.Web.SignersAnswer) { IsPaged = true },
        ["sam-signers-create"] = new(
            "Registers a signer", AdminJson.Web.SignerAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ArrayParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.UserIdTaken, SamErrorCode.LoginTaken)
        {
            Details = "They cannot sign before they have set their factors, with a code and their own login.",
            Status = 201,
            HasETag = true,
            HasLocation = true,
            Idempotency = RouteDescription.MadeOnce,
            Body =
            [
                RequestMember.Text("userID", "The id by which applications name them."),
                RequestMember.Text("issuer", "Who verifies their login."),
                RequestMember.Text("subject", "Their login at this issuer."),
                RequestMember.Text("proofing", "The reference of their identity proofing."),
                RequestMember.Object(
                    "identity", "The name that their certificates carry.",
                    RequestMember.Text("commonName", "CN."),
                    RequestMember.Text("givenName", "GN.").Optional(),
                    RequestMember.Text("surname", "SN.").Optional(),
                    RequestMember.Text("serialNumber", "serialNumber.").Optional(),
                    RequestMember.Text("organization", "O.").Optional(),
                    RequestMember.Text("organizationalUnit", "OU.").Optional(),
                    RequestMember.Text("organizationIdentifier", "organizationIdentifier.").Optional(),
                    RequestMember.Text("country", "C: two letters.").Optional(),
                    RequestMember.Text("email", "emailAddress.").Optional()),
                _clients,
            ],
        },
        ["sam-signers-get"] = new("One signer", AdminJson.Web.SignerAnswer, SamErrorCode.SignerUnknown) { HasETag = true },
        ["sam-signers-clients"] = new(
            "Says which applications may act for a signer", AdminJson.Web.SignerAnswer,
            SamErrorCode.ArrayParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong)
        {
            Details = "In place of those that might before. Live SADs end.",
            IsVersioned = true,
            HasETag = true,
            Body = [_clients],
        },
        ["sam-signers-code"] = new("Makes an enrolment code for a signer", AdminJson.Web.SignerCodeAnswer, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong, SamErrorCode.AnswerNotKept)
        {
            Idempotency = "Under one Idempotency-Key one code is made. Whoever lost it asks under another key: it is not told twice.",
            Details = "Told once, good once and for 7 days. The one before it ends.",
            Status = 201,
        },
        ["sam-signers-device-removal"] = new(
            "Takes a lost device from a signer", AdminJson.Web.SignerAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong)
        {
            Details = "What it has approved and is not used yet ends.",
            IsVersioned = true,
            HasETag = true,
            Body = [RequestMember.Text("device", "The device's id."), RequestMember.Text("reason", "Why: 1 to 200 characters.")],
        },
        ["sam-signers-suspension"] = Act("Stops a signer for now"),
        ["sam-signers-resumption"] = Act("Lets a signer sign again"),
        ["sam-signers-closure"] = Act("Ends a signer, for good"),
        ["sam-signers-unlocking"] = Act("Gives the attempts on the PIN back; the PIN stays what it was"),
    };

    private static RouteDescription Act(string summary) => new(
        summary, AdminJson.Web.SignerAnswer, SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong)
    {
        IsVersioned = true,
        HasETag = true,
        Body = [RequestMember.Text("reason", "Why: 1 to 200 characters.")],
    };
}
