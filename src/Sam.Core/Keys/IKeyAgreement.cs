namespace Sam.Core.Keys;

/// <summary>Capability: P-256 keys in the HSM by which others agree on a secret with it (ECDH, RFC 7518 section 4.6), such as the content key of a JWE.</summary>
public interface IKeyAgreement
{
    /// <summary>Makes a P-256 key: sensitive, never extractable, usable for agreement only.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<KeyReference> CreateAgreementKeyAsync(CancellationToken cancellationToken);

    /// <summary>Reads the public key, with which others agree: SubjectPublicKeyInfo, DER.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<byte[]> GetAgreementKeyAsync(KeyReference key, CancellationToken cancellationToken);

    /// <summary>The agreed secret: the shared point's x coordinate, 32 bytes. The caller clears it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="other">The other side's public key: SubjectPublicKeyInfo, DER, of a P-256 key.</param>
    /// <param name="cancellationToken">Gives up before the key is used.</param>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/> for what is no P-256 key, such as a point beside the curve: who has one multiplied learns of the key. Otherwise
    /// <see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.
    /// </exception>
    Task<byte[]> AgreeAsync(KeyReference key, ReadOnlyMemory<byte> other, CancellationToken cancellationToken);
}
