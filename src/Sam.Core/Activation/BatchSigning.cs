using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// Hands the digests of one operation to the HSM, part by part, and remembers which: after a fault in the middle of many, those that the HSM never saw stay with the transaction
/// (security decision 3).
/// </summary>
internal sealed class BatchSigning
{
    // Large enough that an HSM is kept busy, and that few are lost with a fault.
    private const int PartSize = 128;

    private readonly KeyBackendGuard _keys;
    private readonly SignHashRequest _request;
    private readonly List<Digest> _handedOver = [];
    private readonly List<byte[]> _signed = [];

    internal BatchSigning(KeyBackendGuard keys, SignHashRequest request)
    {
        _keys = keys;
        _request = request;
    }

    /// <summary>The digests that the HSM was given, in order.</summary>
    internal IReadOnlyList<Digest> HandedOver => _handedOver;

    /// <summary>The signatures that were made and verified, for the first digests, in order. Of the others that the HSM was given nobody knows whether there is one.</summary>
    internal IReadOnlyList<byte[]> Signed => _signed;

    /// <summary>All signatures, or none. Refused with SignatureNotVerified.</summary>
    /// <param name="key">The signer's key.</param>
    /// <param name="start">Gives up before the first part reaches the HSM.</param>
    /// <param name="goOn">Gives up before a later part does.</param>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    /// <exception cref="KeyBackendException">As <see cref="IKeyBackend.SignDigestsAsync"/>.</exception>
    internal async Task<Result<IReadOnlyList<byte[]>>> SignAsync(SigningKey key, CancellationToken start, CancellationToken goOn)
    {
        foreach (Digest[] part in _request.Digests.Chunk(PartSize))
        {
            int before = _handedOver.Count;
            _handedOver.AddRange(part);
            try
            {
                if ((await _keys.SignAsync(key, _request.Algorithm, part, before == 0 ? start : goOn)).IsRefused(out Refusal? unverified, out IReadOnlyList<byte[]>? signed))
                {
                    return unverified;
                }

                _signed.AddRange(signed);
            }
            catch (OperationCanceledException)
            {
                // Given up before this part reached the HSM.
                _handedOver.RemoveRange(before, part.Length);
                throw;
            }
        }

        return Result.Ok<IReadOnlyList<byte[]>>(_signed);
    }
}
