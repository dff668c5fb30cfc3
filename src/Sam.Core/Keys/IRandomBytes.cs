namespace Sam.Core.Keys;

/// <summary>
/// Capability: random bytes of the HSM's own generator, for keys and salts that must not hang on this machine's alone. Mix them with it; never put them in its place.
/// </summary>
public interface IRandomBytes
{
    /// <summary>The most bytes of one call.</summary>
    const int MaxCount = 128;

    /// <summary>Gives 1 to 128 random bytes. The caller clears them.</summary>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/> where <see cref="KeyBackendDescription.Missing"/> says that this HSM has none; or the HSM is away or refuses.
    /// </exception>
    Task<byte[]> GetRandomBytesAsync(int count, CancellationToken cancellationToken);
}
