using Sam.Core.Algorithms;
using Sam.Core.Randomness;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Keys;

/// <summary>
/// The last step of every import. The public key beside an imported private one is what somebody says it is, also inside a PKCS#8: only a signature tells (T-IMP-2: another's key
/// under one's own key data).
/// </summary>
public static class ImportedKey
{
    /// <summary>Has the key sign a digest that nobody chose, and gives it back if its public key verifies that; otherwise, and after any failure, what bears the name is destroyed.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: the private key is not that of the public key -or- the HSM is away or refuses.</exception>
    public static async Task<SigningKey> ProveAsync(IKeyBackend backend, KeyName name, SigningKey key, CancellationToken cancellationToken)
    {
        SignatureAlgorithm algorithm = backend.Description.SignatureAlgorithms.First(a => a.Fits(key.Algorithm));
        _ = Digest.TryCreate(algorithm.Hash, RandomSource.GetBytes(algorithm.Hash.SizeInBytes), out Digest? digest);
        bool isProven = false;
        try
        {
            Result<IReadOnlyList<byte[]>> signed = await new KeyBackendGuard(backend).SignAsync(key, algorithm, [digest!], cancellationToken);
            isProven = signed.Refusal is null;
            return isProven ? key : throw new KeyBackendException(KeyBackendFailure.Rejected, "The imported private key is not that of the public key that came with it.");
        }
        finally
        {
            if (!isProven)
            {
                await TryAbandonAsync(backend, name);
            }
        }
    }

    private static async Task TryAbandonAsync(IKeyBackend backend, KeyName name)
    {
        try
        {
            await backend.AbandonKeyAsync(name, CancellationToken.None);
        }
        catch (KeyBackendException)
        {
            // The caller is told of the first failure, and has the name written down.
        }
    }
}
