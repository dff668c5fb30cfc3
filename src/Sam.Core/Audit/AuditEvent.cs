namespace Sam.Core.Audit;

/// <summary>What is audited. The set is closed; names are part of the record's format and do not change.</summary>
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
}
