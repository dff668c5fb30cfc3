namespace Sam.Core.Signers;

/// <summary>Where a signer is in their life; <see cref="SignerLife"/> says what leads where.</summary>
public enum SignerStatus
{
    /// <summary>Registered, and has not set their factors yet.</summary>
    Registered,

    /// <summary>May sign.</summary>
    Active,

    /// <summary>May not sign for now.</summary>
    Suspended,

    /// <summary>May never sign again.</summary>
    Closed,
}
