using Net.Pkcs11Interop.Common;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>A key on its way from another HSM: an AES key under RSA-OAEP of the exchange key, then the PKCS#8 key under AES-KWP of that, and the public key that it must have.</summary>
internal sealed class TransferredKey
{
    private const int Block = 8;

    // A PKCS#8 key is longer.
    private const int ShortestWrapped = 4 * Block;

    private readonly byte[] _blob;
    private readonly (CKA Type, byte[] Value)[] _parameters;

    private TransferredKey(KeyAlgorithm algorithm, byte[] blob, byte[] subjectPublicKeyInfo, (CKA Type, byte[] Value)[] parameters)
    {
        Algorithm = algorithm;
        SubjectPublicKeyInfo = subjectPublicKeyInfo;
        _blob = blob;
        _parameters = parameters;
    }

    internal KeyAlgorithm Algorithm { get; }

    internal byte[] SubjectPublicKeyInfo { get; }

    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: the public key is none of this algorithm, or the blob is too long.</exception>
    internal static TransferredKey Parse(KeyAlgorithm algorithm, ReadOnlyMemory<byte> blob, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        (KeyAlgorithm found, byte[] encoded, (CKA Type, byte[] Value)[] parameters) = PublicKeys.Parse(subjectPublicKeyInfo);
        return found != algorithm ? throw new KeyBackendException(KeyBackendFailure.Rejected, $"PKCS#11: the public key is of {found} where {algorithm} was said.")
            : blob.Length > IKeyImport.MaxBlobSize ? throw NotOpened()
            : new TransferredKey(algorithm, blob.ToArray(), encoded, parameters);
    }

    /// <summary>Unwraps it into the token. Whether the private half is that of the public one, only a signature tells.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: the blob does not open, or not to such a key.</exception>
    internal (ulong PublicKey, ulong PrivateKey) TakeIn(Session session, ulong exchangeKey, byte[] id)
    {
        int split = session.GetAttribute(exchangeKey, CKA.CKA_MODULUS).AsSpan().TrimStart((byte)0).Length;
        if (_blob.Length < split + ShortestWrapped || (_blob.Length - split) % Block != 0)
        {
            throw NotOpened();
        }

        using Template transfer = KeyTemplates.TransferKey();
        ulong transferKey = session.UnwrapKey(Mechanisms.OaepSha1, exchangeKey, _blob[..split], transfer);
        try
        {
            using Template privateHalf = KeyTemplates.ImportedPrivateHalf(Algorithm, id);
            using Template publicHalf = KeyTemplates.ImportedPublicHalf(Algorithm, _parameters, id);
            ulong privateHandle = session.UnwrapTokenKey(Mechanisms.WrapPadded, transferKey, _blob[split..], privateHalf);
            return (session.CreateTokenObject(publicHalf), privateHandle);
        }
        catch (CkException failure) when (failure.Function == "C_UnwrapKey" && failure.Code == CKR.CKR_FUNCTION_FAILED)
        {
            // So SoftHSM 2.6.1 speaks of bytes that were unwrapped and are no key of this type.
            throw NotOpened();
        }
        finally
        {
            session.DestroyObject(transferKey);
        }
    }

    private static KeyBackendException NotOpened() => new(KeyBackendFailure.Rejected, "PKCS#11: the blob is none that was wrapped for the exchange key.");
}
