namespace Sam.Core.Keys;

/// <summary>Capability: an AES-256 key in the HSM that wraps short secrets (AES-KWP, RFC 5649), for data keys at rest (security decision 17).</summary>
public interface IKeyWrapping
{
    /// <summary>Makes a wrapping key: sensitive, never extractable, usable for wrap and unwrap only.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<KeyReference> CreateWrappingKeyAsync(CancellationToken cancellationToken);

    /// <summary>Wraps a secret of 16 to 64 bytes.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<byte[]> WrapAsync(KeyReference key, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken);

    /// <summary>Unwraps what <see cref="WrapAsync"/> gave. The caller clears the result.</summary>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/> for bytes that this key did not wrap; otherwise as <see cref="WrapAsync"/>.
    /// </exception>
    Task<byte[]> UnwrapAsync(KeyReference key, ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken);
}
