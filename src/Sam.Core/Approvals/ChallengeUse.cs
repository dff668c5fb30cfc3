namespace Sam.Core.Approvals;

/// <summary>Who answers a challenge.</summary>
public enum ChallengeUse
{
    /// <summary>The signer's device, with its signature.</summary>
    Device,

    /// <summary>A page of the signer's, with factors that it encrypts.</summary>
    EncryptedFactors,
}
