namespace Sam.Core.Encryption;

/// <summary>Which factors a signing application must not see: they are taken only as a JWE that the signer's own page made (security decision 12).</summary>
public enum EncryptionDemand
{
    /// <summary>None: each factor is taken in the clear, too. Two security officers say so.</summary>
    None,

    /// <summary>A PIN that is the only factor: who has seen it once has all they need.</summary>
    PinAlone,

    /// <summary>Every PIN and every one-time password.</summary>
    Always,
}
