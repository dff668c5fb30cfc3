using Sam.Api.OpenApi;
using Sam.Core.Algorithms;
using Sam.Core.Factors;
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
            SamErrorCode.KeyAlgorithmForbidden, SamErrorCode.LevelForbidden, SamErrorCode.KeyKnown, SamErrorCode.KeyWeak)
        {
            Status = 201,
            HasETag = true,
            HasLocation = true,
            Idempotency = RouteDescription.MadeOnce,
            Body = NewCredential,
        },
        ["sam-imports-create"] = new(
            "Asks for a key that was made elsewhere", AdminJson.Web.ImportAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.IntegerParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong,
            SamErrorCode.KeyAlgorithmForbidden, SamErrorCode.LevelForbidden, SamErrorCode.ImportNotOffered)
        {
            Details = "Its holder wraps it for the exchange key (RSA-OAEP with SHA-1 of an AES-256 key, then AES-KWP of the PKCS#8 key) and signs, with SHA-256, ten lines, each ended by a line "
                + "feed: sam-import/1, the challenge, the signer's id, the credentialID, key, multisign, level, authorization, description (empty for none), and SHA-256 of the blob in lower-case hexadecimal.",
            Status = 201,
            Body = NewCredential,
        },
        ["sam-imports-delivery"] = new(
            "Takes the key in, as a credential of the signer", AdminJson.Web.CredentialAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.SignerUnknown, SamErrorCode.SignerStateWrong, SamErrorCode.KeyAlgorithmForbidden,
            SamErrorCode.LevelForbidden, SamErrorCode.ImportNotOffered, SamErrorCode.ChallengeInvalid, SamErrorCode.ChallengeExpired, SamErrorCode.ChallengeUsed, SamErrorCode.PossessionNotProved,
            SamErrorCode.KeyWeak, SamErrorCode.KeyKnown, SamErrorCode.ImportRejected)
        {
            Status = 201,
            HasETag = true,
            HasLocation = true,
            Body =
            [
                RequestMember.Text("challenge", "What the key was asked for with; good once."),
                RequestMember.Bytes("blob", "The wrapped key: up to 8,192 bytes."),
                RequestMember.Bytes("publicKey", "SubjectPublicKeyInfo, DER."),
                RequestMember.Bytes("possession", "The key's own signature over the ten lines: RSASSA-PKCS1-v1_5, or ECDSA in DER."),
            ],
        },
        ["sam-credentials-get"] = new("One credential, with its history", AdminJson.Web.CredentialAnswer, SamErrorCode.CredentialUnknown) { HasETag = true },
        ["sam-credentials-request"] = new(
            "A certification request for a credential's key, in its signer's registered name", AdminJson.Web.RequestAnswer,
            SamErrorCode.CredentialUnknown, SamErrorCode.CredentialStateWrong, SamErrorCode.ImportNotConfirmed, SamErrorCode.KeySwapped, SamErrorCode.RequestMismatch)
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
        ["sam-credentials-destruction"] = Act("Destroys a credential's key", SamErrorCode.KeySwapped),
    };

    private static IReadOnlyList<RequestMember> NewCredential =>
    [
        RequestMember.OneOf("key", "The kind of key.", [.. KeyAlgorithm.All.Select(k => k.Name)]),
        RequestMember.Number("multisign", "How many hashes one authorization may cover: 1 (unless told otherwise) to 1,000.").Optional(),
        RequestMember.Text("description", "At most 200 characters, for applications to show.").Optional(),
        RequestMember.Number("level", "The guideline's level: 1 (unless told otherwise) to 3; 3 only where this SAM is certified.").Optional(),
        RequestMember.OneOf("authorization", "The factors; pin at level 1 and device+pin above unless told otherwise.", [.. KeyAuthorization.All.Select(a => a.Name)]).Optional(),
    ];

    private static RouteDescription Act(string summary, params SamErrorCode[] own) => new(
        summary, AdminJson.Web.CredentialAnswer,
        [SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.CredentialUnknown, SamErrorCode.CredentialStateWrong, .. own])
    {
        IsVersioned = true,
        HasETag = true,
        Body = [RequestMember.Text("reason", "Why: 1 to 200 characters.")],
    };
}
