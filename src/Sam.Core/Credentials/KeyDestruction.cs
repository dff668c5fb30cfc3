using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>Destroys a key and sees that it is gone: the HSM neither finds it nor signs with it.</summary>
internal static class KeyDestruction
{
    /// <summary>Until when the HSM keeps it for its administrators; null: it is gone for good.</summary>
    /// <exception cref="KeyBackendException">The HSM is away, or still has the key (Rejected).</exception>
    internal static async Task<DateTimeOffset?> RunAsync(IKeyBackend backend, SigningKey key)
    {
        DateTimeOffset? keptUntil = await backend.DestroyKeyAsync(key.Reference, CancellationToken.None);
        SignatureAlgorithm algorithm = SignatureAlgorithm.All.First(a => a.Fits(key.Algorithm));
        _ = Digest.TryCreate(algorithm.Hash, new byte[algorithm.Hash.SizeInBytes], out Digest? nothing);
        return await IsGoneAsync(() => backend.GetPublicKeyAsync(key.Reference, CancellationToken.None))
            && await IsGoneAsync(() => backend.SignDigestsAsync(key.Reference, algorithm, [nothing!], CancellationToken.None))
            ? keptUntil
            : throw new KeyBackendException(KeyBackendFailure.Rejected, "The HSM was told to destroy the key, and still has it.");
    }

    private static async Task<bool> IsGoneAsync(Func<Task> use)
    {
        try
        {
            await use();
            return false;
        }
        catch (KeyBackendException gone) when (gone.Failure == KeyBackendFailure.KeyNotFound)
        {
            return true;
        }
    }
}
