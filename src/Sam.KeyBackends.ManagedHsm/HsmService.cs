namespace Sam.KeyBackends.ManagedHsm;

/// <summary>The two services that speak this protocol. They differ in which keys they have beside signing keys.</summary>
public enum HsmService
{
    /// <summary>Azure Managed HSM: one tenant's own HSM. Has AES keys (wrapping, HMAC).</summary>
    ManagedHsm,

    /// <summary>Azure Key Vault Premium: a shared HSM. Its AES keys are in preview, so RSA keys wrap and MAC here.</summary>
    KeyVaultPremium,
}
