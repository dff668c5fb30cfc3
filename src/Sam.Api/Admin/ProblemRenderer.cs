using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sam.Core.Results;

namespace Sam.Api.Admin;

/// <summary>The one place where a refusal of the Admin API becomes an answer: a problem by RFC 9457. Whoever asks here has shown who they are, so they are told what is wrong.</summary>
internal static class ProblemRenderer
{
    private const string ServerError = "The service failed; details are in its log";

    internal static async Task WriteAsync(HttpResponse response, Refusal refusal)
    {
        Problem problem = Render(refusal);
        response.StatusCode = problem.Status;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }

        if (problem.Status == StatusCodes.Status503ServiceUnavailable || refusal.Code == SamErrorCode.RequestUnderWay)
        {
            response.Headers.RetryAfter = "1";
        }

        byte[] body = JsonSerializer.SerializeToUtf8Bytes(problem, AdminJson.Web.Problem);
        response.ContentType = "application/problem+json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, CancellationToken.None);
    }

    internal static Problem Render(Refusal refusal)
    {
        (int status, string title) = Look(refusal.Code);
        return new Problem($"urn:functionssam:error:{ToKebabCase(refusal.Code.ToString())}", title, status, refusal.Code.ToString(), refusal.Parameter);
    }

    /// <summary>The table. Every code has a line; a test feeds it all of them.</summary>
    private static (int Status, string Title) Look(SamErrorCode code) => code switch
    {
        SamErrorCode.RouteUnknown => (404, "There is nothing at this address"),
        SamErrorCode.HttpMethodNotAllowed => (405, "This HTTP method is not allowed here"),
        SamErrorCode.MethodNotImplemented => (501, "This method is not implemented"),
        SamErrorCode.BodyTooLarge => (413, "The request body is too large"),
        SamErrorCode.BodyTooSlow => (408, "The request body did not arrive in time"),
        SamErrorCode.MediaTypeUnsupported => (415, "The request body must be application/json"),
        SamErrorCode.BodyMalformed => (400, "The request body is not the JSON object that is wanted here"),
        SamErrorCode.AuthorizationHeaderMalformed => (400, "The authorization header is not \"Bearer\" and a token"),
        SamErrorCode.TokenInvalid => (401, "The access token is not valid here"),
        SamErrorCode.TokenExpired => (401, "The access token has expired"),
        SamErrorCode.RouteForbidden => (403, "A token of the user's own is wanted here"),
        SamErrorCode.StringParameterMissing => (400, "A text is missing, or of another type"),
        SamErrorCode.IntegerParameterMissing => (400, "A number is missing, or of another type"),
        SamErrorCode.ArrayParameterMissing => (400, "A list is missing, or of another type"),
        SamErrorCode.ParameterInvalid => (400, "A parameter has no value that is allowed"),
        SamErrorCode.CredentialUnknown => (404, "There is no such credential"),
        SamErrorCode.PinWrong => (403, "The PIN is wrong"),
        SamErrorCode.PinLocked => (403, "No attempts are left for the PIN"),
        SamErrorCode.AuthDataInvalid => (403, "The authentication data are not what is asked for"),
        SamErrorCode.CertificateExpired => (422, "The certificate is not valid yet, or no longer"),
        SamErrorCode.Overloaded => (503, "The service is busy"),
        SamErrorCode.IdentityProviderUnavailable => (503, "The issuer of access tokens is away"),
        SamErrorCode.StorageUnavailable => (503, "The storage is away"),
        SamErrorCode.HsmUnavailable => (503, "The HSM is away"),
        SamErrorCode.AuditUnavailable => (503, "The audit cannot be written"),
        SamErrorCode.RandomnessFailed => (500, "Random numbers are not good enough"),
        SamErrorCode.RowConflict => (409, "Somebody else changed it at the same time"),
        SamErrorCode.AlreadyInitialized => (409, "This deployment was initialised before"),
        SamErrorCode.NotInitialized => (409, "This deployment has not been initialised yet"),
        SamErrorCode.InitializationSecretInvalid => (403, "The secret of the initialisation is wrong, or none is configured"),
        SamErrorCode.OfficerUnknown => (403, "This login is no privileged user"),
        SamErrorCode.OfficerDisabled => (403, "This privileged user may do nothing for now"),
        SamErrorCode.OfficerNotEnrolled => (403, "This privileged user has not enrolled a key yet"),
        SamErrorCode.RightMissing => (403, "The role of this privileged user does not allow this"),
        SamErrorCode.ProofMissing => (401, "The header Sam-Proof is missing"),
        SamErrorCode.ProofInvalid => (401, "The proof does not verify for this request"),
        SamErrorCode.ProofReplayed => (401, "The proof was used before"),
        SamErrorCode.ProposalUnknown => (404, "There is no such proposal"),
        SamErrorCode.ProposalExpired => (410, "The proposal was not approved in time"),
        SamErrorCode.ProposalClosed => (409, "The proposal was approved or withdrawn before"),
        SamErrorCode.ProposalOwn => (403, "Nobody approves their own proposal"),
        SamErrorCode.ProposalChanged => (409, "What is approved is not what was proposed"),
        SamErrorCode.ChangeImpossible => (422, "The change cannot be made of what there is"),
        SamErrorCode.TooFewOfficers => (422, "Two security officers who can act must remain"),
        SamErrorCode.AnchorBroken => (500, "The registry of privileged users is not what the HSM vouches for"),
        SamErrorCode.UserIdTaken => (409, "Another signer has this user id"),
        SamErrorCode.LoginTaken => (409, "Another signer has this login"),
        SamErrorCode.SignerUnknown => (404, "There is no such signer"),
        SamErrorCode.NotTheSigner => (403, "This login is not the signer's"),
        SamErrorCode.SignerStateWrong => (409, "The signer is in no state in which this can be done"),
        SamErrorCode.EnrolmentCodeInvalid => (403, "The enrolment code is wrong, used, or over"),
        SamErrorCode.CredentialStateWrong => (409, "The credential is in no state in which this can be done"),
        SamErrorCode.KeyKnown => (409, "This key belongs, or belonged, to a credential already"),
        SamErrorCode.KeyWeak => (422, "The key is weak, or not of a kind that is accepted"),
        SamErrorCode.KeyAlgorithmForbidden => (422, "This kind of key is not allowed here"),
        SamErrorCode.KeySwapped => (500, "The key in the credential's row is not the one that was assigned"),
        SamErrorCode.RequestMismatch => (422, "The certification request does not say what was registered"),
        SamErrorCode.CertificateUnreadable => (422, "The certificates cannot be read"),
        SamErrorCode.CertificateOfAnotherKey => (422, "The certificate is for another key"),
        SamErrorCode.CertificateOfAnotherSubject => (422, "The certificate is for another subject"),
        SamErrorCode.CertificateUsageWrong => (422, "The certificate does not allow signing"),
        SamErrorCode.CertificateNotTrusted => (422, "The certificate's chain ends at no anchor that is configured"),
        SamErrorCode.CertificateRevoked => (422, "The certificate is revoked"),
        SamErrorCode.RevocationUnknown => (503, "Whether the certificate is revoked cannot be learned"),
        SamErrorCode.ImportNotOffered => (501, "This HSM imports no keys"),
        SamErrorCode.ChallengeInvalid => (403, "The challenge is not one for this"),
        SamErrorCode.ChallengeExpired => (410, "The challenge's time is over"),
        SamErrorCode.ChallengeUsed => (409, "The challenge was used before"),
        SamErrorCode.ApprovalUnknown => (404, "There is no such approval"),
        SamErrorCode.ApprovalClosed => (409, "The approval was decided before"),
        SamErrorCode.ApprovalExpired => (410, "The approval's time is over"),
        SamErrorCode.DeviceSignatureInvalid => (403, "No device of the signer's signed this decision"),
        SamErrorCode.CredentialChanged => (409, "Signer or credential has changed since the approval was asked for"),
        SamErrorCode.LevelForbidden => (422, "This service does not have this level"),
        SamErrorCode.ImportNotConfirmed => (409, "The signer has not confirmed the imported key yet"),
        SamErrorCode.ImportRejected => (422, "The HSM does not accept the wrapped key"),
        SamErrorCode.PossessionNotProved => (422, "Possession of the key is not proved"),
        SamErrorCode.ChannelInsecure => (403, "Registration data travel over https only"),
        SamErrorCode.VersionMissing => (428, "The header If-Match is missing"),
        SamErrorCode.VersionOutdated => (412, "It has changed since it was read"),
        SamErrorCode.IdempotencyKeyReused => (422, "The idempotency key was used for another request"),
        SamErrorCode.RequestUnderWay => (409, "The same request is still being served"),
        SamErrorCode.AnswerNotKept => (409, "This was answered before, and is told once: ask for another one under another key"),

        // Errors of ours, rows that somebody changed, and refusals that only the CSC API gives.
        SamErrorCode.UserIdNotAllowed or SamErrorCode.UserIdUnknown or SamErrorCode.ClientNotLinked or SamErrorCode.CredentialOfAnotherSigner
            or SamErrorCode.CredentialDisabled or SamErrorCode.ClientStopped or SamErrorCode.NumSignaturesInvalid or SamErrorCode.NumSignaturesTooHigh
            or SamErrorCode.HashCountMismatch or SamErrorCode.HashesEmpty or SamErrorCode.HashNotBase64 or SamErrorCode.DigestLengthInvalid
            or SamErrorCode.HashAlgorithmMissing or SamErrorCode.HashAlgorithmInvalid or SamErrorCode.SadMalformed or SamErrorCode.SadForged
            or SamErrorCode.SadExpired or SamErrorCode.SadSpent or SamErrorCode.TransactionRevoked or SamErrorCode.StillSigning or SamErrorCode.TransactionMissing or SamErrorCode.SadOfAnotherClient
            or SamErrorCode.SadOfAnotherCredential or SamErrorCode.TransactionRowReplaced or SamErrorCode.HashNotAuthorized or SamErrorCode.HandleInvalid or SamErrorCode.ApprovalRefused
            or SamErrorCode.TooManyApprovals or SamErrorCode.LoginNotFresh or SamErrorCode.FactorsNotEncrypted or SamErrorCode.EncryptedFactorsInvalid
            or SamErrorCode.HashRepeated or SamErrorCode.TooManyHashes or SamErrorCode.SignAlgoInvalid or SamErrorCode.SignAlgoParamsMissing
            or SamErrorCode.SignAlgoParamsInvalid or SamErrorCode.RowMissing or SamErrorCode.RowBroken or SamErrorCode.RowRolledBack
            or SamErrorCode.SignatureNotVerified or SamErrorCode.StoppedWhileSigning or SamErrorCode.SigningTooSlow or SamErrorCode.Unexpected => (500, ServerError),
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "A code without a line in the table."),
    };

    private static string ToKebabCase(string name)
    {
        StringBuilder text = new();
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
