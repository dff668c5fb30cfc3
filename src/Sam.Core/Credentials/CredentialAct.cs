namespace Sam.Core.Credentials;

/// <summary>What is done with a credential.</summary>
public enum CredentialAct
{
    /// <summary>It gets a certificate, its first or a newer one.</summary>
    Certify,

    /// <summary>Its signer confirms that it is theirs, as it is.</summary>
    Confirm,

    /// <summary>It is stopped for now.</summary>
    Suspend,

    /// <summary>It may be used again.</summary>
    Resume,

    /// <summary>It is stopped for good.</summary>
    Revoke,

    /// <summary>Its key is destroyed.</summary>
    Destroy,
}
