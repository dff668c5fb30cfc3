namespace Sam.Core.Keys;

/// <summary>Capability: RSA keys in the HSM to which others encrypt short secrets (RSA-OAEP with SHA-256, RFC 7518 section 4.3), such as the content keys of a JWE.</summary>
public interface IKeyDecryption
{
    /// <summary>Makes a key of 3072 bits: sensitive, never extractable, usable for decryption only.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<KeyReference> CreateDecryptionKeyAsync(CancellationToken cancellationToken);

    /// <summary>Reads the public key, to which others encrypt: SubjectPublicKeyInfo, DER.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<byte[]> GetEncryptionKeyAsync(KeyReference key, CancellationToken cancellationToken);

    /// <summary>Decrypts. The caller clears the result.</summary>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/> for bytes that were not encrypted to this key, whatever is wrong with them: who learns more can decrypt with it.
    /// Otherwise <see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.
    /// </exception>
    Task<byte[]> DecryptAsync(KeyReference key, ReadOnlyMemory<byte> encrypted, CancellationToken cancellationToken);
}
