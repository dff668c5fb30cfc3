namespace Sam.Core.Credentials;

/// <summary>Where a credential is in its life; <see cref="CredentialLife"/> says what leads where.</summary>
public enum CredentialStatus
{
    /// <summary>The key exists; the certificate does not.</summary>
    AwaitingCertificate,

    /// <summary>There is a certificate, and its signer has not confirmed it yet.</summary>
    Certified,

    /// <summary>May be used.</summary>
    Active,

    /// <summary>May not be used for now.</summary>
    Suspended,

    /// <summary>May never be used again.</summary>
    Revoked,

    /// <summary>Its key is destroyed, or its destruction has begun.</summary>
    Destroyed,
}
