using Sam.Core.Algorithms;

namespace Sam.Core.Keys;

/// <summary>
/// Capability: a signing key that was made elsewhere is taken into the HSM, in which alone it is unwrapped. Its form is that of Azure's "bring your own key":
/// an AES-256 key under RSA-OAEP (SHA-1, MGF1 with SHA-1, no label) of an exchange key, and right behind it the PKCS#8 key under AES-KWP (RFC 5649) of that AES key.
/// </summary>
/// <remarks>Every implementation passes <c>KeyImportConformance</c>. Where <see cref="KeyBackendDescription.Missing"/> says so, both operations are refused without asking the HSM.</remarks>
public interface IKeyImport
{
    /// <summary>The longest blob, in bytes: more than twice what an RSA-4096 key under an RSA-4096 exchange key takes.</summary>
    const int MaxBlobSize = 8192;

    /// <summary>
    /// Makes an exchange key, RSA with 3072 bits: sensitive, never extractable, usable for unwrapping a key into this HSM and nothing else.
    /// <see cref="IKeyBackend.DestroyKeyAsync"/> destroys it.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Takes a key in under a name, which is used once, where its exchange key is. May do what a generated one may, and has signed a random digest that the given public key
    /// verifies before it is named here. After a failure there may be a key all the same: see <see cref="IKeyBackend.AbandonKeyAsync"/>.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="algorithm">What it must be.</param>
    /// <param name="exchangeKey">The key that the blob is for.</param>
    /// <param name="blob">The wrapped key. No secret to whoever has not the exchange key.</param>
    /// <param name="subjectPublicKeyInfo">Its public key, DER; the answer has it in the one encoding of generated keys.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/> for a blob that does not open, or holds no key of this algorithm or not the one of this public key; then nothing of it stays.
    /// Otherwise <see cref="KeyBackendFailure.KeyNotFound"/> (the exchange key), or the HSM is away or refuses.
    /// </exception>
    Task<SigningKey> ImportKeyAsync(
        KeyName name, KeyAlgorithm algorithm, KeyReference exchangeKey, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> subjectPublicKeyInfo, CancellationToken cancellationToken);
}
