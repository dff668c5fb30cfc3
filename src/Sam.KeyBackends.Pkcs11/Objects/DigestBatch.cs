using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>The digests of one operation, on as many sessions as are free: each takes the next digest, until one of them has failed.</summary>
internal sealed class DigestBatch(KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests)
{
    private readonly byte[][] _signatures = new byte[digests.Count][];
    private int _next = -1;
    private volatile bool _hasFailed;

    /// <summary>Whether any of them was on its way to the HSM.</summary>
    internal bool IsBegun => Volatile.Read(ref _next) >= 0;

    /// <summary>In the order of the digests, once all who worked are done.</summary>
    internal IReadOnlyList<byte[]> Signatures => _signatures;

    /// <summary>Signs what is left, on one session.</summary>
    internal bool Work(SessionLease lease)
    {
        try
        {
            for (int i; !_hasFailed && (i = Interlocked.Increment(ref _next)) < digests.Count;)
            {
                (CK_MECHANISM mechanism, byte[] input) = Mechanisms.ToSign(algorithm, digests[i]);
                _signatures[i] = lease.RunWithKey(key, CKO.CKO_PRIVATE_KEY, (session, handle) => session.Sign(mechanism, handle, input));
            }

            return true;
        }
        catch
        {
            _hasFailed = true;
            throw;
        }
    }
}
