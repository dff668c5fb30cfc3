namespace Sam.Core.Keys;

/// <summary>
/// Capability <c>mac</c>: HMAC-SHA-256 under a key that stays in the HSM. It peppers PIN verifiers (security decision 11):
/// a stolen table cannot be searched for PINs without the HSM.
/// </summary>
public interface IMacKeys
{
    /// <summary>Makes a MAC key of 256 bits: sensitive, never extractable, usable for signing a MAC only.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<KeyReference> CreateMacKeyAsync(CancellationToken cancellationToken);

    /// <summary>The MAC of up to 4096 bytes: 32 bytes.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<byte[]> ComputeMacAsync(KeyReference key, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
