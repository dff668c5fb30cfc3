namespace Sam.Core.Certificates;

/// <summary>What is done when nobody can say whether a certificate was revoked.</summary>
public enum RevocationMode
{
    /// <summary>Nobody is asked.</summary>
    None,

    /// <summary>No answer counts as good: signing goes on while the authority is away. Whoever can keep its answers away can use a certificate until this SAM first hears of the revocation.</summary>
    SoftFail,

    /// <summary>No answer stops the certificate's use.</summary>
    HardFail,
}
