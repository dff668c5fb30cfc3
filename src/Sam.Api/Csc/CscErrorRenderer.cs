using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sam.Core.Results;

namespace Sam.Api.Csc;

/// <summary>
/// The one place where a refusal becomes an answer. Texts are those of the CSC API 2.0 where it has one. Several causes share a text on purpose:
/// an attacker must not learn from it which check he failed.
/// </summary>
internal static class CscErrorRenderer
{
    private const string InvalidRequest = "invalid_request";
    private const string InvalidSad = "Invalid parameter SAD";
    private const string InvalidCredential = "Invalid parameter credentialID";
    private const string Disabled = "The credential identified by credentialID is disabled";
    private const string Busy =
        "The authorization server is currently unable to handle the request due to a temporary overloading or maintenance of the server.";

    internal static async Task WriteAsync(HttpResponse response, Refusal refusal)
    {
        (int status, string error, string? description) = Render(refusal);
        response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }

        if (SaysWhen(status))
        {
            response.Headers.RetryAfter = "1";
        }

        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new CscError(error, description), CscJson.Web.CscError);
        response.ContentType = "application/json;charset=UTF-8";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, CancellationToken.None);
    }

    /// <summary>Whether an answer says when to try again.</summary>
    internal static bool SaysWhen(int status) => status is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status409Conflict or StatusCodes.Status429TooManyRequests;

    /// <summary>The table. Every code has a line; a test feeds it all of them.</summary>
    internal static (int Status, string Error, string? Description) Render(Refusal refusal) => refusal.Code switch
    {
        SamErrorCode.RouteUnknown => (404, InvalidRequest, "No such method"),
        SamErrorCode.HttpMethodNotAllowed => (405, InvalidRequest, "This HTTP method is not allowed here"),
        SamErrorCode.MethodNotImplemented => (501, InvalidRequest, "This method is not implemented"),
        SamErrorCode.BodyTooLarge => (413, InvalidRequest, "The request body is too large"),
        SamErrorCode.BodyTooSlow => (408, InvalidRequest, "The request body did not arrive in time"),
        SamErrorCode.MediaTypeUnsupported => (415, InvalidRequest, "The request body must be application/json"),
        SamErrorCode.BodyMalformed => (400, InvalidRequest, "The request body is not a JSON object, or names a member twice"),
        SamErrorCode.AuthorizationHeaderMalformed => (400, InvalidRequest, "Malformed authorization header"),
        SamErrorCode.TokenInvalid => (401, "invalid_token", "The token provided is not a valid OAuth access or refresh token."),
        SamErrorCode.TokenExpired => (401, "expired_token", "The access or refresh token is expired or has been revoked."),
        SamErrorCode.RouteForbidden => (403, "unauthorized_client", "The client is not authorized to use this method."),

        SamErrorCode.StringParameterMissing => Bad($"Missing (or invalid type) string parameter {refusal.Parameter}"),
        SamErrorCode.IntegerParameterMissing => Bad($"Missing (or invalid type) integer parameter {refusal.Parameter}"),
        SamErrorCode.ArrayParameterMissing => Bad($"Missing (or invalid type) array parameter {refusal.Parameter}"),
        SamErrorCode.ParameterInvalid => Bad($"Invalid parameter {refusal.Parameter}"),

        SamErrorCode.UserIdNotAllowed => Bad("userID parameter MUST be null"),
        SamErrorCode.UserIdUnknown => Bad("Invalid parameter userID"),
        SamErrorCode.CredentialUnknown or SamErrorCode.ClientNotLinked or SamErrorCode.CredentialOfAnotherSigner => Bad(InvalidCredential),
        SamErrorCode.CredentialDisabled or SamErrorCode.LevelForbidden or SamErrorCode.StoppedWhileSigning => Bad(Disabled),
        SamErrorCode.ClientStopped => (400, "unauthorized_client", "The client is not authorized to use this method."),
        SamErrorCode.CertificateExpired => Bad("Signing certificate is expired"),
        SamErrorCode.CertificateRevoked => Bad("Signing certificate is revoked"),

        SamErrorCode.NumSignaturesInvalid or SamErrorCode.HashCountMismatch => Bad("Invalid value for parameter numSignatures"),
        SamErrorCode.NumSignaturesTooHigh => Bad("Numbers of signatures is too high"),
        SamErrorCode.HashesEmpty => Bad("Empty hash array"),
        SamErrorCode.HashNotBase64 => Bad("Invalid Base64 hash string parameter"),
        SamErrorCode.DigestLengthInvalid => Bad("Invalid digest value length"),
        SamErrorCode.HashAlgorithmMissing => Bad("Missing (or invalid type) string parameter hashAlgorithmOID"),
        SamErrorCode.HashAlgorithmInvalid => Bad("Invalid parameter hashAlgorithmOID"),
        SamErrorCode.AuthDataInvalid or SamErrorCode.PinWrong or SamErrorCode.LoginNotFresh or SamErrorCode.DeviceSignatureInvalid or SamErrorCode.ChallengeInvalid
            or SamErrorCode.ChallengeExpired or SamErrorCode.ChallengeUsed or SamErrorCode.EncryptedFactorsInvalid => (400, "invalid_authentication_data", "The authentication data is invalid"),
        SamErrorCode.FactorsNotEncrypted => (400, "invalid_authentication_data", "The authentication data must be encrypted"),
        SamErrorCode.PinLocked => Bad("Credential locked"),
        SamErrorCode.HandleInvalid or SamErrorCode.ApprovalExpired => Bad("Invalid parameter handle"),
        SamErrorCode.ApprovalRefused => (400, "access_denied", "The user, authorization server or remote service denied the request."),
        SamErrorCode.TooManyApprovals => (429, "temporarily_unavailable", "The signer has too many requests to decide"),

        SamErrorCode.StillSigning => (409, "temporarily_unavailable", "The same request is still being processed"),
        SamErrorCode.SadExpired => Bad("SAD expired"),
        SamErrorCode.SadMalformed or SamErrorCode.SadForged or SamErrorCode.SadSpent or SamErrorCode.TransactionRevoked or SamErrorCode.TransactionMissing
            or SamErrorCode.SadOfAnotherClient or SamErrorCode.SadOfAnotherCredential or SamErrorCode.TransactionRowReplaced
            or SamErrorCode.CredentialChanged => Bad(InvalidSad),
        SamErrorCode.HashNotAuthorized or SamErrorCode.HashRepeated or SamErrorCode.TooManyHashes => Bad("Hash is not authorized by the SAD"),

        SamErrorCode.SignAlgoInvalid => Bad("Invalid parameter signAlgo"),
        SamErrorCode.SignAlgoParamsMissing => Bad("Missing (or invalid type) string parameter signAlgoParams"),
        SamErrorCode.SignAlgoParamsInvalid => Bad("Invalid parameter signAlgoParams"),

        SamErrorCode.Overloaded or SamErrorCode.IdentityProviderUnavailable or SamErrorCode.StorageUnavailable or SamErrorCode.HsmUnavailable
            or SamErrorCode.AuditUnavailable or SamErrorCode.RevocationUnknown or SamErrorCode.SigningTooSlow or SamErrorCode.RowConflict or SamErrorCode.ConfigurationNotApproved => (503, "temporarily_unavailable", Busy),

        // What these mean is for operators: a row that was changed, an HSM that lies, an error of ours.
        SamErrorCode.RowMissing or SamErrorCode.RowBroken or SamErrorCode.RowRolledBack or SamErrorCode.SignatureNotVerified
            or SamErrorCode.KeySwapped or SamErrorCode.RandomnessFailed or SamErrorCode.Unexpected => ServerError,

        // Refusals of the Admin API, which has a renderer of its own: no method of the CSC API gives them.
        SamErrorCode.AlreadyInitialized or SamErrorCode.NotInitialized or SamErrorCode.InitializationSecretInvalid or SamErrorCode.OfficerUnknown
            or SamErrorCode.OfficerDisabled or SamErrorCode.OfficerNotEnrolled or SamErrorCode.RightMissing or SamErrorCode.ProofMissing
            or SamErrorCode.ProofInvalid or SamErrorCode.ProofReplayed or SamErrorCode.ProposalUnknown or SamErrorCode.ProposalExpired
            or SamErrorCode.ProposalClosed or SamErrorCode.ProposalOwn or SamErrorCode.ProposalChanged or SamErrorCode.ChangeImpossible
            or SamErrorCode.TooFewOfficers or SamErrorCode.AnchorBroken or SamErrorCode.UserIdTaken or SamErrorCode.LoginTaken or SamErrorCode.SignerUnknown
            or SamErrorCode.NotTheSigner or SamErrorCode.SignerStateWrong or SamErrorCode.EnrolmentCodeInvalid or SamErrorCode.CredentialStateWrong
            or SamErrorCode.KeyKnown or SamErrorCode.KeyWeak or SamErrorCode.KeyAlgorithmForbidden or SamErrorCode.RequestMismatch or SamErrorCode.CertificateUnreadable
            or SamErrorCode.CertificateOfAnotherKey or SamErrorCode.CertificateOfAnotherSubject or SamErrorCode.CertificateUsageWrong
            or SamErrorCode.CertificateNotTrusted or SamErrorCode.ImportNotOffered
            or SamErrorCode.ApprovalUnknown or SamErrorCode.ApprovalClosed or SamErrorCode.ImportRejected or SamErrorCode.ImportNotConfirmed or SamErrorCode.PossessionNotProved or SamErrorCode.ChannelInsecure
            or SamErrorCode.VersionMissing or SamErrorCode.VersionOutdated or SamErrorCode.IdempotencyKeyReused or SamErrorCode.RequestUnderWay
            or SamErrorCode.AnswerNotKept => ServerError,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal.Code, "A code without a line in the table."),
    };

    private static (int Status, string Error, string? Description) ServerError =>
        (500, "server_error", "The authorization server encountered an unexpected condition that prevented it from fulfilling the request.");

    private static (int Status, string Error, string? Description) Bad(string description) => (400, InvalidRequest, description);
}
