using Sam.Api.OpenApi;
using Sam.Core.Algorithms;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>What the OpenAPI document says of signers' keys.</summary>
internal static class CredentialDescriptions
{
    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["sam-identity-certificate"] = new("The SAM's own certificate, by which its certification requests are known", AdminJson.Web.IdentityAnswer),
        ["sam-credentials-list"] = new("All credentials of a signer", AdminJson.Web.CredentialsAnswer, SamErrorCode.SignerUnknown),
        ["sam-credentials-create"] = new(
            "Makes a key in the HSM, as a credential of a signer", AdminJson.Web.CredentialAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.IntegerParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong,
            SamErrorCode.KeyAlgorithmForbidden, SamErrorCode.KeyKnown, SamErrorCode.KeyWeak)
        {
            Status = 201,
            HasETag = true,
            HasLocation = true,
            Body =
            [
                RequestMember.OneOf("key", "The kind of key.", [.. KeyAlgorithm.All.Select(k => k.Name)]),
                RequestMember.Number("multisign", "How many hashes one authorization may cover: 1 (unless told otherwise) to 1,000.").Optional(),
                RequestMember.Text("description", "At most 200 characters, for applications to show.").Optional(),
            ],
        },
        ["sam-credentials-get"] = new("One credential, with its history", AdminJson.Web.CredentialAnswer, SamErrorCode.CredentialUnknown) { HasETag = true },
        ["sam-credentials-request"] = new(
            "A certification request for a credential's key, in its signer's registered name", AdminJson.Web.RequestAnswer,
            SamErrorCode.CredentialUnknown, SamErrorCode.CredentialStateWrong, SamErrorCode.KeySwapped, SamErrorCode.RequestMismatch)
        {
            Details = "It leaves in CMS under the SAM's own key, so that an exchanged one is noticed.",
        },
        ["sam-credentials-certificate"] = new(
            "Gives a credential its certificate", AdminJson.Web.CredentialAnswer,
            SamErrorCode.ArrayParameterMissing, SamErrorCode.CredentialUnknown, SamErrorCode.CredentialStateWrong, SamErrorCode.CertificateUnreadable,
            SamErrorCode.CertificateOfAnotherKey, SamErrorCode.CertificateOfAnotherSubject, SamErrorCode.CertificateUsageWrong, SamErrorCode.CertificateExpired,
            SamErrorCode.CertificateNotTrusted, SamErrorCode.CertificateRevoked, SamErrorCode.RevocationUnknown, SamErrorCode.KeySwapped)
        {
            Details = "Its signer confirms it, the first time.",
            IsVersioned = true,
            HasETag = true,
            Body = [RequestMember.ListOfBytes("certificates", "DER in base64, the credential's own first.")],
        },
        ["sam-credentials-suspension"] = Act("Stops a credential for now"),
        ["sam-credentials-resumption"] = Act("Lets a suspended credential be used again"),
        ["sam-credentials-revocation"] = Act("Stops a credential for good; the key stays in the HSM"),
        ["sam-credentials-destruction"] = Act("Destroys a credential's key"),
    };

    private static RouteDescription Act(string summary) => new(
        summary, AdminJson.Web.CredentialAnswer,
        SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.CredentialUnknown, SamErrorCode.CredentialStateWrong)
    {
        IsVersioned = true,
        HasETag = true,
        Body = [RequestMember.Text("reason", "Why: 1 to 200 characters.")],
    };
}
