namespace Sam.Core.Keys;

/// <summary>Capability: the HSM's own proof that a key was made in it and cannot leave it, for an auditor who trusts the HSM's maker and not this SAM.</summary>
public interface IKeyAttestation
{
    /// <summary>Gets the proof for a key of any purpose.</summary>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.KeyNotFound"/>; <see cref="KeyBackendFailure.Rejected"/> where <see cref="KeyBackendDescription.Missing"/> says that this HSM gives
    /// none; or the HSM is away or refuses.
    /// </exception>
    Task<KeyAttestation> AttestAsync(KeyReference key, CancellationToken cancellationToken);
}
