namespace Sam.Core.Signers;

/// <summary>Whether a credential may be used.</summary>
internal enum CredentialStatus
{
    /// <summary>The key exists; the certificate does not.</summary>
    AwaitingCertificate,

    /// <summary>May be used.</summary>
    Active,

    /// <summary>May not be used for now.</summary>
    Suspended,
}
