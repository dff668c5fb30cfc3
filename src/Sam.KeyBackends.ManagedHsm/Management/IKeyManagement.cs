using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Management;

/// <summary>
/// Making, reading and deleting keys at one Managed HSM or Key Vault: a port of its own, so that it can have another identity and another library than signing.
/// Rate, time-outs and what a key must be are its caller's; implementations send one request per call (a count: one per page) and do not repeat it.
/// </summary>
/// <remarks>Implementations MUST be safe for concurrent use and MUST throw <see cref="KeyBackendException"/> by the table in <see cref="Failures"/>.</remarks>
public interface IKeyManagement
{
    /// <summary>Makes a key in the HSM, or another version if the name exists.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<ManagedKey> CreateAsync(KeyCreation creation, CancellationToken cancellationToken);

    /// <summary>Reads a key, without its private part; without a version the newest one.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<ManagedKey> GetAsync(string name, string? version, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes all versions of a key. Nothing can use them from now on; the HSM keeps them recoverable until the date that is returned, when it purges them.
    /// Null if it names no such date.
    /// </summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<DateTimeOffset?> DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>How many keys there are, whoever made them; deleted ones are not among them.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    Task<int> CountAsync(CancellationToken cancellationToken);

    /// <summary>Puts these tags in the place of all that a key has: 1 to 15, with names and values of up to 256 characters. Nothing else of the key changes.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<ManagedKey> SetTagsAsync(string name, string version, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);

    /// <summary>Takes a key in that another HSM made: enabled, protected by this HSM and not exportable. Or another version if the name exists.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/> for a blob that is not for this HSM; or the HSM is away or refuses.</exception>
    Task<ManagedKey> ImportAsync(KeyImport import, CancellationToken cancellationToken);

    /// <summary>The HSM's proof for a key; null if it gives none. Managed HSM only.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or the HSM is away or refuses.</exception>
    Task<KeyAttestation?> AttestAsync(string name, string version, CancellationToken cancellationToken);
}
