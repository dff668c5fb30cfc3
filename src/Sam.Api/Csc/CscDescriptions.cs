using Sam.Api.OpenApi;
using Sam.Core.Algorithms;
using Sam.Core.Results;

namespace Sam.Api.Csc;

/// <summary>What the OpenAPI document says of the CSC API. Meanings are those of the specification, shortened.</summary>
internal static class CscDescriptions
{
    private static readonly RequestMember _clientData = RequestMember.Text("clientData", "For the client's own use; nothing is done with it.").Optional();

    private static readonly RequestMember[] _details =
    [
        RequestMember.OneOf("certificates", "How many certificates: none, the credential's own (single), or the whole chain.", "none", "single", "chain").Optional(),
        RequestMember.Flag("certInfo", "Whether the certificate's fields are spelt out.").Optional(),
        RequestMember.Flag("authInfo", "Whether the way to authorize is spelt out.").Optional(),
    ];

    private static readonly SamErrorCode[] _access =
        [SamErrorCode.CredentialUnknown, SamErrorCode.ClientStopped, SamErrorCode.ClientNotLinked, SamErrorCode.CredentialOfAnotherSigner];

    private static readonly SamErrorCode[] _hashes =
    [
        SamErrorCode.StringParameterMissing, SamErrorCode.ArrayParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.HashesEmpty, SamErrorCode.HashNotBase64,
        SamErrorCode.DigestLengthInvalid, SamErrorCode.HashAlgorithmInvalid,
    ];

    private static readonly RequestMember _hashList = RequestMember.ListOfBytes("hashes", "The hashes, in base64 with padding.");

    internal static IReadOnlyDictionary<string, RouteDescription> All { get; } = new Dictionary<string, RouteDescription>(StringComparer.Ordinal)
    {
        ["v2-info"] = new("The service and what it offers (clause 11.1)", CscJson.Web.ServiceInfo),
        ["v2-credentials-list"] = new(
            "A user's credentials (clause 11.4)", CscJson.Web.CredentialList,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.UserIdNotAllowed, SamErrorCode.UserIdUnknown, SamErrorCode.ClientStopped,
            SamErrorCode.ClientNotLinked, SamErrorCode.CredentialOfAnotherSigner)
        {
            Body =
            [
                RequestMember.Text("userID", "Whose; only with a client's own token.").Optional(),
                RequestMember.Flag("credentialInfo", "Whether each is described.").Optional(),
                RequestMember.Flag("onlyValid", "Whether only those that can sign now are listed.").Optional(),
                .. _details,
                _clientData,
            ],
        },
        ["v2-credentials-info"] = new(
            "One credential (clause 11.5)", CscJson.Web.CredentialInfo, [SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, .. _access])
        {
            Body = [RequestMember.Text("credentialID", "The credential."), .. _details, _clientData],
        },
        ["v2-credentials-authorize"] = new(
            "Authorizes signatures of hashes by the signer's factors (clause 11.6)", CscJson.Web.AuthorizeAnswer,
            [
                .. _access, .. _hashes, SamErrorCode.IntegerParameterMissing, SamErrorCode.AuthDataInvalid, SamErrorCode.PinWrong, SamErrorCode.PinLocked,
                SamErrorCode.CredentialDisabled, SamErrorCode.CertificateExpired, SamErrorCode.KeySwapped, SamErrorCode.NumSignaturesInvalid,
                SamErrorCode.NumSignaturesTooHigh, SamErrorCode.HashCountMismatch, SamErrorCode.TooManyHashes, SamErrorCode.LoginNotFresh,
                SamErrorCode.LevelForbidden, SamErrorCode.CertificateRevoked, SamErrorCode.RevocationUnknown, SamErrorCode.TooManyApprovals, SamErrorCode.DeviceSignatureInvalid,
                SamErrorCode.ChallengeInvalid, SamErrorCode.ChallengeExpired, SamErrorCode.ChallengeUsed, SamErrorCode.FactorsNotEncrypted, SamErrorCode.EncryptedFactorsInvalid,
            ])
        {
            Pending = CscJson.Web.HandleAnswer,
            Details = "The hashes are required here. numSignatures is their number, or more where extendTransaction is to name the others (level 1). The SAD is good once.",
            Body =
            [
                RequestMember.Text("credentialID", "The credential."),
                RequestMember.Number("numSignatures", "How many signatures: as many as there are hashes, or more (level 1)."),
                _hashList,
                RequestMember.OneOf("hashAlgorithmOID", "The hashes' algorithm.", HashOids),
                RequestMember.Objects(
                    "authData", "The factors that credentials/info names: for DEVICE alone the answer is 202, and the signer approves on their device.",
                    RequestMember.OneOf("id", "Which factor, as credentials/info names it.", AuthData.PinId, AuthData.OneTimePasswordId, AuthData.DeviceId, AuthData.DeviceAnswerId,
                        AuthData.EncryptedId),
                    RequestMember.Text("value", "Its value; none for DEVICE.").Optional()).Optional(),
                RequestMember.Text("description", "What is signed; at most 500 characters.").Optional(),
                _clientData,
            ],
        },
        ["v2-credentials-authorizeCheck"] = new(
            "The SAD of an approval that was asked for (clause 11.7)", CscJson.Web.AuthorizeAnswer,
            SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, SamErrorCode.HandleInvalid, SamErrorCode.ApprovalExpired, SamErrorCode.ApprovalRefused)
        {
            Details = "A client that lost the answer asks again and gets the same SAD, as long as it is unused.",
            Pending = CscJson.Web.HandleAnswer,
            Body = [RequestMember.Text("handle", "What authorize answered."), _clientData],
        },
        ["v2-credentials-getChallenge"] = new(
            "A challenge for the signer's device, or for the page where they enter factors (clause 11.8)", CscJson.Web.DeviceChallengeAnswer,
            [
                SamErrorCode.StringParameterMissing, SamErrorCode.ParameterInvalid, .. _access, SamErrorCode.CredentialDisabled, SamErrorCode.LevelForbidden, SamErrorCode.CertificateExpired,
                SamErrorCode.CertificateRevoked, SamErrorCode.RevocationUnknown, SamErrorCode.KeySwapped,
            ])
        {
            Body =
            [
                RequestMember.Text("credentialID", "The credential."),
                RequestMember.OneOf("authObjectID", "The factor, as credentials/info names it.", AuthData.DeviceAnswerId, AuthData.EncryptedId),
                _clientData,
            ],
        },
        ["v2-credentials-extendTransaction"] = new(
            "Exchanges a SAD for the next of its transaction (clause 11.9)", CscJson.Web.AuthorizeAnswer,
            [
                .. _access, .. _hashes, SamErrorCode.SadMalformed, SamErrorCode.SadForged, SamErrorCode.SadExpired, SamErrorCode.SadSpent, SamErrorCode.TransactionRevoked,
                SamErrorCode.StillSigning, SamErrorCode.TransactionMissing, SamErrorCode.SadOfAnotherClient, SamErrorCode.SadOfAnotherCredential,
                SamErrorCode.TransactionRowReplaced, SamErrorCode.CredentialChanged, SamErrorCode.HashNotAuthorized, SamErrorCode.HashRepeated, SamErrorCode.TooManyHashes,
                SamErrorCode.HashAlgorithmMissing, SamErrorCode.CredentialDisabled,
            ])
        {
            Details = "A used SAD is exchanged while signatures are left; an unused one is renewed. Each SAD is exchanged once and good for one signHash. A SAD that comes back after its "
                + "successor was used ends the transaction. Without hashes it is for all that are left, and the answer names them: after a signHash that failed, what the HSM was given is not among them.",
            Idempotency = "A client that lost the answer sends the same bytes with the same Idempotency-Key and gets the same SAD, as long as it is unused.",
            Body =
            [
                RequestMember.Text("credentialID", "The credential."),
                RequestMember.Text("SAD", "The transaction's present SAD."),
                _hashList.Optional(),
                RequestMember.OneOf("hashAlgorithmOID", "The hashes' algorithm; needed with hashes.", HashOids).Optional(),
                _clientData,
            ],
        },
        ["v2-signatures-signHash"] = new(
            "Signs authorized hashes (clause 11.10)", CscJson.Web.SignHashAnswer,
            [
                .. _access, .. _hashes, SamErrorCode.SadMalformed, SamErrorCode.SadForged, SamErrorCode.SadExpired, SamErrorCode.SadSpent, SamErrorCode.StillSigning,
                SamErrorCode.TransactionMissing, SamErrorCode.TransactionRevoked, SamErrorCode.SadOfAnotherClient, SamErrorCode.SadOfAnotherCredential, SamErrorCode.TransactionRowReplaced,
                SamErrorCode.CredentialChanged, SamErrorCode.HashNotAuthorized, SamErrorCode.HashRepeated, SamErrorCode.TooManyHashes, SamErrorCode.HashAlgorithmMissing,
                SamErrorCode.SignAlgoInvalid, SamErrorCode.SignAlgoParamsMissing, SamErrorCode.SignAlgoParamsInvalid, SamErrorCode.CredentialDisabled,
                SamErrorCode.CertificateExpired, SamErrorCode.KeySwapped, SamErrorCode.StoppedWhileSigning, SamErrorCode.SigningTooSlow,
            ])
        {
            Details = "The signatures stand in the order of the hashes; all or none are released. A SAD is spent by the first call that passes the checks.",
            Idempotency = "A client that lost the answer sends the same bytes with the same Idempotency-Key within 60 seconds and gets the same signatures; no key is used for it.",
            Body =
            [
                RequestMember.Text("credentialID", "The credential."),
                RequestMember.Text("SAD", "What authorize gave."),
                _hashList,
                RequestMember.OneOf("hashAlgorithmOID", "The hashes' algorithm; needed where signAlgo does not imply it.", HashOids).Optional(),
                RequestMember.OneOf("signAlgo", "The signature algorithm.", [.. SignatureAlgorithm.All.Select(a => a.Oid).Distinct(), AlgorithmOids.Rsa]),
                RequestMember.Bytes("signAlgoParams", "Its parameters, DER; for RSASSA-PSS.").Optional(),
                RequestMember.OneOf("operationMode", "Synchronous.", "S").Optional(),
                RequestMember.Flag("receipt", "Whether the answer has a receipt: the head of the audit's chain after the row that records this release. Not of the CSC API.").Optional(),
                _clientData,
            ],
        },
    };

    private static IReadOnlyList<string> HashOids => [.. SignatureAlgorithm.All.Select(a => a.Hash.Oid).Distinct()];
}
