using System.Text.Json.Serialization;

namespace Sam.Core.Audit;

/// <summary>What is audited. The set is closed; names are part of the record's format and do not change.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditEvent>))]
public enum AuditEvent
{
    /// <summary>A process opened a chain: its first record.</summary>
    ChainOpened,

    /// <summary>A SAD was issued.</summary>
    Authorized,

    /// <summary>An authorization was refused.</summary>
    AuthorizationRefused,

    /// <summary>Signatures were made, verified and are about to be released.</summary>
    SignaturesReleased,

    /// <summary>Signatures that were released before are about to be released again to the client that lost them; no key was used.</summary>
    SignaturesReleasedAgain,

    /// <summary>A request to sign was refused before the key was used.</summary>
    SigningRefused,

    /// <summary>The SAD was spent and the key may have been used, and nothing was released.</summary>
    SigningFailed,

    /// <summary>A signer was registered.</summary>
    SignerRegistered,

    /// <summary>A signer's PIN was set, and its attempts with it.</summary>
    PinSet,

    /// <summary>A signing key was generated in the HSM and assigned to a signer.</summary>
    KeyGenerated,

    /// <summary>A credential got its certificate.</summary>
    CertificateSet,

    /// <summary>A client was approved.</summary>
    ClientApproved,

    /// <summary>A client was stopped.</summary>
    ClientStopped,

    /// <summary>A credential was suspended.</summary>
    CredentialSuspended,

    /// <summary>A credential was resumed.</summary>
    CredentialResumed,

    /// <summary>The deployment was initialised: its first security officers were named.</summary>
    DeploymentInitialized,

    /// <summary>A request of a privileged user was refused.</summary>
    OfficerRefused,

    /// <summary>A privileged user enrolled a key of their own.</summary>
    OfficerEnrolled,

    /// <summary>A change was proposed.</summary>
    ChangeProposed,

    /// <summary>A change was approved by a second officer, and made.</summary>
    ChangeApproved,

    /// <summary>A proposal was withdrawn.</summary>
    ChangeWithdrawn,

    /// <summary>A privileged user was added.</summary>
    OfficerAdded,

    /// <summary>A privileged user was changed.</summary>
    OfficerChanged,

    /// <summary>A privileged user was removed.</summary>
    OfficerRemoved,

    /// <summary>An enrolment code was made for a signer.</summary>
    EnrolmentCodeIssued,

    /// <summary>A signer's enrolment was refused.</summary>
    EnrolmentRefused,

    /// <summary>A signer set their factors, with the code and their own login.</summary>
    SignerEnrolled,

    /// <summary>A signer's clients were changed.</summary>
    SignerClientsChanged,

    /// <summary>A signer was suspended.</summary>
    SignerSuspended,

    /// <summary>A signer was resumed.</summary>
    SignerResumed,

    /// <summary>A signer was closed, for good.</summary>
    SignerClosed,

    /// <summary>A signer's attempts were given back.</summary>
    SignerUnlocked,

    /// <summary>A key that no credential came of was destroyed.</summary>
    KeyAbandoned,

    /// <summary>A key was imported into the HSM and assigned to a signer.</summary>
    KeyImported,

    /// <summary>An import was refused.</summary>
    ImportRefused,

    /// <summary>A certification request was made.</summary>
    RequestMade,

    /// <summary>A certificate was refused.</summary>
    CertificateRefused,

    /// <summary>A signer confirmed a credential: it may be used.</summary>
    CredentialConfirmed,

    /// <summary>A credential was revoked, for good.</summary>
    CredentialRevoked,

    /// <summary>A credential's key was destroyed, or its destruction begun.</summary>
    KeyDestroyed,

    /// <summary>A challenge to stop a credential was given to its signer.</summary>
    StopChallenged,

    /// <summary>A stop, resumption or destruction was refused.</summary>
    StopRefused,

    /// <summary>A key was asked for, to be imported.</summary>
    ImportOffered,

    /// <summary>A SAD was exchanged for the next of its transaction.</summary>
    TransactionExtended,

    /// <summary>The exchange of a SAD was refused.</summary>
    ExtensionRefused,

    /// <summary>A transaction was ended, because a SAD of it came back whose successor had been used.</summary>
    TransactionRevoked,

    /// <summary>A client asked for an approval on the signer's device.</summary>
    ApprovalAsked,

    /// <summary>A signer approved on their device.</summary>
    ApprovalGiven,

    /// <summary>A signer refused on their device.</summary>
    ApprovalRefused,

    /// <summary>A device's decision was not taken.</summary>
    DecisionRefused,

    /// <summary>A device was taken from a signer.</summary>
    DeviceRemoved,

    /// <summary>An auditor read records of the audit, or what it says a transaction is: which, is said.</summary>
    AuditRead,

    /// <summary>A privileged user sent a request again that had broken off: what it makes is finished, or is found made.</summary>
    RequestTakenUp,

    /// <summary>The SAM made a key to which signers' factors are encrypted.</summary>
    FactorKeyMade,

    /// <summary>The SAM destroyed such a key, whose time was over.</summary>
    FactorKeyDestroyed,

    /// <summary>Somebody changed the tables past the SAM: a row that was needed was missing, did not open or was older than one seen before, or a stop was undone. It was written anew.</summary>
    IntegrityFault,
}
