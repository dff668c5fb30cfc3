using Sam.Core.Algorithms;
using Sam.Core.Values;

namespace Sam.Core.Keys;

/// <summary>
/// An HSM, as the SAM needs it. Everything beyond these operations is an optional capability with an interface of its own
/// (<see cref="IKeyWrapping"/>, <see cref="IMacKeys"/>, <see cref="IHsmAnchor"/>, <see cref="IKeyImport"/>, <see cref="IKeyDecryption"/>, <see cref="IKeyAgreement"/>, <see cref="IRandomBytes"/>, <see cref="IKeyAttestation"/>), implemented by the same object.
/// </summary>
/// <remarks>
/// Implementations MUST be safe for concurrent use, MUST throw <see cref="KeyBackendException"/> and nothing else for what the HSM does,
/// MUST NOT retry a signature with another digest, and need not validate what <c>KeyBackendGuard</c> has validated.
/// A private key made by <see cref="GenerateKeyAsync"/> or taken in by <see cref="IKeyImport"/> MUST be sensitive, never extractable and usable for signing only (REG-3).
/// Every implementation passes <c>KeyBackendConformance</c>.
/// </remarks>
public interface IKeyBackend : IAsyncDisposable
{
    /// <summary>What this backend can do.</summary>
    KeyBackendDescription Description { get; }

    /// <summary>Generates a key pair under a name, which is used once and stands in the key's reference. After a failure there may be a key all the same: see <see cref="AbandonKeyAsync"/>.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken);

    /// <summary>Destroys whatever signing key bears this name, also half of one. That there is none is no error.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken);

    /// <summary>Reads the public key from the HSM: SubjectPublicKeyInfo, DER.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken);

    /// <summary>
    /// Signs each digest once, in order. RSA gives the modulus' length, ECDSA R‖S at fixed length (IEEE P1363).
    /// Either all signatures are returned or none. The token gives up while nothing has reached the HSM; a signature under way is not taken back.
    /// </summary>
    /// <exception cref="OperationCanceledException">Given up before the key was used.</exception>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away, slow or refuses.</exception>
    Task<IReadOnlyList<byte[]>> SignDigestsAsync(KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken);

    /// <summary>
    /// Destroys the key pair: nothing can use it from now on. Null when it is gone for good; otherwise until when the HSM keeps it, for its own administrators to recover.
    /// Destroying what does not exist is no error (and gives null): a caller that crashed may ask again.
    /// </summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken);

    /// <summary>Asks the HSM whether it serves this SAM now (a round trip, logged in). Returns, or throws.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}
