namespace Sam.Core.Results;

/// <summary>
/// Every reason for which the SAM refuses. The set is closed: one table in the API renders each member, and a test feeds it all of them.
/// The member's name is the <c>cause</c> tag of the counter <c>sam.refusals</c>, so that attacks with the same public answer stay apart for operators.
/// </summary>
public enum SamErrorCode
{
    // --- the HTTP edge -------------------------------------------------------------------------------------------

    /// <summary>No route has this path.</summary>
    RouteUnknown,

    /// <summary>The route exists, under another HTTP method.</summary>
    HttpMethodNotAllowed,

    /// <summary>A method of the CSC API that this SAM does not offer (not in <c>info.methods</c>).</summary>
    MethodNotImplemented,

    /// <summary>The body is longer than the limit.</summary>
    BodyTooLarge,

    /// <summary>The body did not arrive in time.</summary>
    BodyTooSlow,

    /// <summary>The body is not <c>application/json</c>.</summary>
    MediaTypeUnsupported,

    /// <summary>The body is no JSON object, or names a member twice, or nests too deep.</summary>
    BodyMalformed,

    /// <summary>The authorization header is missing or does not match <c>Bearer token</c>.</summary>
    AuthorizationHeaderMalformed,

    /// <summary>The bearer token is not one of this service's issuer, or names no client.</summary>
    TokenInvalid,

    /// <summary>The bearer token was one of ours, once.</summary>
    TokenExpired,

    /// <summary>The token's holder may not use this route.</summary>
    RouteForbidden,

    /// <summary>A string parameter is missing or of another type.</summary>
    StringParameterMissing,

    /// <summary>An integer parameter is missing or of another type.</summary>
    IntegerParameterMissing,

    /// <summary>An array parameter is missing or of another type.</summary>
    ArrayParameterMissing,

    /// <summary>A parameter has a value outside its set or length.</summary>
    ParameterInvalid,

    // --- credentials ---------------------------------------------------------------------------------------------

    /// <summary>A user id was given with a token that already names the user.</summary>
    UserIdNotAllowed,

    /// <summary>No signer has this user id, or none that this client acts for.</summary>
    UserIdUnknown,

    /// <summary>No credential has this id.</summary>
    CredentialUnknown,

    /// <summary>The credential's signer is not linked to this client.</summary>
    ClientNotLinked,

    /// <summary>The credential belongs to another signer than the one the token names.</summary>
    CredentialOfAnotherSigner,

    /// <summary>The signer or the credential is not active, or the credential has no certificate yet.</summary>
    CredentialDisabled,

    /// <summary>The client is not approved, or no longer.</summary>
    ClientStopped,

    /// <summary>The certificate is not valid yet, or no longer.</summary>
    CertificateExpired,

    // --- authorization -------------------------------------------------------------------------------------------

    /// <summary><c>numSignatures</c> is below one.</summary>
    NumSignaturesInvalid,

    /// <summary><c>numSignatures</c> is above the credential's <c>multisign</c>.</summary>
    NumSignaturesTooHigh,

    /// <summary><c>numSignatures</c> is unlike the number of hashes.</summary>
    HashCountMismatch,

    /// <summary>The list of hashes is empty.</summary>
    HashesEmpty,

    /// <summary>A hash is not base64 (RFC 4648 section 4, padded, no line breaks).</summary>
    HashNotBase64,

    /// <summary>A digest has another length than its algorithm gives.</summary>
    DigestLengthInvalid,

    /// <summary>The hash algorithm is needed and missing.</summary>
    HashAlgorithmMissing,

    /// <summary>The hash algorithm is not in the table, or contradicts the authorization or the signature algorithm.</summary>
    HashAlgorithmInvalid,

    /// <summary>The authentication data are not what the credential's <c>auth</c> asks for.</summary>
    AuthDataInvalid,

    /// <summary>The PIN is wrong. Counted.</summary>
    PinWrong,

    /// <summary>No attempts are left for the PIN.</summary>
    PinLocked,

    /// <summary>The handle is not one of this SAM's, another client's, or its SAD was used.</summary>
    HandleInvalid,

    /// <summary>The approval's time is over.</summary>
    ApprovalExpired,

    /// <summary>The signer refused, on their device.</summary>
    ApprovalRefused,

    /// <summary>So many approvals wait for this signer that no more are asked for.</summary>
    TooManyApprovals,

    /// <summary>The login is no user's own, or too old to authorize a key.</summary>
    LoginNotFresh,

    /// <summary>The credential's level is not one that this SAM has.</summary>
    LevelForbidden,

    // --- the SAD -------------------------------------------------------------------------------------------------

    /// <summary>The SAD is not a token of this SAM's form.</summary>
    SadMalformed,

    /// <summary>The SAD has the form, but this SAM did not make it: its seal does not open.</summary>
    SadForged,

    /// <summary>The SAD's lifetime is over.</summary>
    SadExpired,

    /// <summary>The SAD was used before. It is good once.</summary>
    SadSpent,

    /// <summary>A SAD of the transaction came back after its successor was used: somebody has a copy, and all its SADs are dead.</summary>
    TransactionRevoked,

    /// <summary>The same request came before, and its signatures are being made: asking again will bring them.</summary>
    StillSigning,

    /// <summary>The transaction behind the SAD is gone.</summary>
    TransactionMissing,

    /// <summary>The SAD was issued to another client.</summary>
    SadOfAnotherClient,

    /// <summary>The SAD was issued for another credential.</summary>
    SadOfAnotherCredential,

    /// <summary>The transaction's row is not the version the SAD was issued with: somebody wrote it back.</summary>
    TransactionRowReplaced,

    /// <summary>Signer or credential changed since the SAD was issued.</summary>
    CredentialChanged,

    /// <summary>A hash is not among the authorized ones.</summary>
    HashNotAuthorized,

    /// <summary>A hash is named more often than it was authorized.</summary>
    HashRepeated,

    /// <summary>More hashes are named than were authorized.</summary>
    TooManyHashes,

    // --- the algorithm -------------------------------------------------------------------------------------------

    /// <summary>The signature algorithm is not in the table, or does not fit the key.</summary>
    SignAlgoInvalid,

    /// <summary>The signature algorithm needs parameters that are missing.</summary>
    SignAlgoParamsMissing,

    /// <summary>The parameters of the signature algorithm are not among the accepted encodings.</summary>
    SignAlgoParamsInvalid,

    // --- privileged users (Admin API) ----------------------------------------------------------------------------

    /// <summary>The deployment was initialised before: the HSM holds its anchor.</summary>
    AlreadyInitialized,

    /// <summary>The deployment has no privileged users yet.</summary>
    NotInitialized,

    /// <summary>The one-time secret of the initialisation is wrong, or none is set.</summary>
    InitializationSecretInvalid,

    /// <summary>The login is nobody's in the registry of privileged users.</summary>
    OfficerUnknown,

    /// <summary>The privileged user was removed or disabled.</summary>
    OfficerDisabled,

    /// <summary>The privileged user has not enrolled a key of their own yet.</summary>
    OfficerNotEnrolled,

    /// <summary>The role gives no right to this.</summary>
    RightMissing,

    /// <summary>The request carries no proof by the privileged user's own key.</summary>
    ProofMissing,

    /// <summary>The proof does not verify, or is for another request, token, body or time.</summary>
    ProofInvalid,

    /// <summary>The proof was used before.</summary>
    ProofReplayed,

    /// <summary>No proposal has this id.</summary>
    ProposalUnknown,

    /// <summary>The proposal's time is over.</summary>
    ProposalExpired,

    /// <summary>The proposal was approved or withdrawn already.</summary>
    ProposalClosed,

    /// <summary>Whoever proposed may not approve.</summary>
    ProposalOwn,

    /// <summary>What is approved is not what was proposed.</summary>
    ProposalChanged,

    /// <summary>The change cannot be made any more, or never could: what it starts from is not so.</summary>
    ChangeImpossible,

    /// <summary>Fewer than two security officers would be left.</summary>
    TooFewOfficers,

    /// <summary>The anchor in the HSM, or the document that it stands for, was changed, or is missing.</summary>
    AnchorBroken,

    // --- registration (Admin API) --------------------------------------------------------------------------------

    /// <summary>Another signer has this user id.</summary>
    UserIdTaken,

    /// <summary>Another signer has this login.</summary>
    LoginTaken,

    /// <summary>No signer has this id.</summary>
    SignerUnknown,

    /// <summary>The token is not that of this signer's own login.</summary>
    NotTheSigner,

    /// <summary>The signer is not in a state from which this can be done.</summary>
    SignerStateWrong,

    /// <summary>The enrolment code is wrong, used, or over.</summary>
    EnrolmentCodeInvalid,

    /// <summary>The signer has no such approval.</summary>
    ApprovalUnknown,

    /// <summary>The approval was decided already.</summary>
    ApprovalClosed,

    /// <summary>A PIN or one-time password came in the clear, and this deployment takes it only encrypted.</summary>
    FactorsNotEncrypted,

    /// <summary>Encrypted factors that do not open, or were entered for something else.</summary>
    EncryptedFactorsInvalid,

    /// <summary>No device of the signer's signed the decision.</summary>
    DeviceSignatureInvalid,

    /// <summary>The credential is not in a state from which this can be done.</summary>
    CredentialStateWrong,

    /// <summary>The public key belongs, or belonged, to a credential already.</summary>
    KeyKnown,

    /// <summary>The key is weak, or its exponent or point is none that is accepted.</summary>
    KeyWeak,

    /// <summary>The kind of key is not allowed by this service's policy, or by its HSM.</summary>
    KeyAlgorithmForbidden,

    /// <summary>The HSM's signature that ties key, credential and signer does not verify: the row's key was exchanged.</summary>
    KeySwapped,

    /// <summary>The certification request does not say what was registered.</summary>
    RequestMismatch,

    /// <summary>The first certificate, or one of its chain, cannot be read, or there are too many.</summary>
    CertificateUnreadable,

    /// <summary>The certificate is for another key.</summary>
    CertificateOfAnotherKey,

    /// <summary>The certificate's subject is not the registered one.</summary>
    CertificateOfAnotherSubject,

    /// <summary>The certificate does not allow signing.</summary>
    CertificateUsageWrong,

    /// <summary>The chain does not end at a configured anchor, or is broken on the way.</summary>
    CertificateNotTrusted,

    /// <summary>The certificate was revoked by its issuer.</summary>
    CertificateRevoked,

    /// <summary>Whether the certificate was revoked cannot be learned, and the policy does without no answer.</summary>
    RevocationUnknown,

    /// <summary>This HSM imports no keys.</summary>
    ImportNotOffered,

    /// <summary>The challenge is not one of this SAM's for this purpose, or was made for something else.</summary>
    ChallengeInvalid,

    /// <summary>The challenge's time is over.</summary>
    ChallengeExpired,

    /// <summary>The challenge was used before.</summary>
    ChallengeUsed,

    /// <summary>The blob does not open in the HSM, or holds another key than it was said to.</summary>
    ImportRejected,

    /// <summary>The signer has not confirmed yet that the imported key is theirs: no certification request leaves for it.</summary>
    ImportNotConfirmed,

    /// <summary>The signature that proves possession of the imported key does not verify over what was asked.</summary>
    PossessionNotProved,

    // --- the Admin API's edge ------------------------------------------------------------------------------------

    /// <summary>The request came in the clear, from beyond this machine.</summary>
    ChannelInsecure,

    /// <summary>A change of something with versions names no version (<c>If-Match</c>).</summary>
    VersionMissing,

    /// <summary>The version that the change names is not the present one.</summary>
    VersionOutdated,

    /// <summary>The idempotency key was used for another request.</summary>
    IdempotencyKeyReused,

    /// <summary>The same request under the same idempotency key is still being served, or broke off less than a minute ago.</summary>
    RequestUnderWay,

    /// <summary>The same request under the same idempotency key was served, and its answer is one that is told once.</summary>
    AnswerNotKept,

    // --- the service ---------------------------------------------------------------------------------------------

    /// <summary>The gate is full; nothing was read or spent.</summary>
    Overloaded,

    /// <summary>The issuer of access tokens is away, so that none can be verified.</summary>
    IdentityProviderUnavailable,

    /// <summary>The row store is away or in doubt.</summary>
    StorageUnavailable,

    /// <summary>No such row.</summary>
    RowMissing,

    /// <summary>The row has changed since it was read, or exists already.</summary>
    RowConflict,

    /// <summary>A row's seal does not open: it was changed, moved or copied from elsewhere.</summary>
    RowBroken,

    /// <summary>A row is intact but older than its place in the table: it was written back.</summary>
    RowRolledBack,

    /// <summary>The HSM is away, or refuses, or lost the key.</summary>
    HsmUnavailable,

    /// <summary>The HSM returned something that the certificate's public key does not verify. Nothing is released.</summary>
    SignatureNotVerified,

    /// <summary>Signer or credential was changed or stopped between the checks and the release. Nothing is released.</summary>
    StoppedWhileSigning,

    /// <summary>Too much time passed between spend, HSM call and release. Nothing is released.</summary>
    SigningTooSlow,

    /// <summary>The audit record could not be made durable. Nothing is released.</summary>
    AuditUnavailable,

    /// <summary>A source of random numbers gives none that are good enough: nothing that needs them is issued any more in this process.</summary>
    RandomnessFailed,

    /// <summary>Anything unforeseen. Details stay in the log.</summary>
    Unexpected,
}
