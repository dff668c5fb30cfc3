namespace Sam.Core.Signers;

/// <summary>Whether a signer may sign.</summary>
internal enum SignerStatus
{
    /// <summary>May sign.</summary>
    Active,

    /// <summary>May not sign for now.</summary>
    Suspended,
}
