using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;

namespace Sam.Testing.TestBed;

/// <summary>Both ends of a key's way from one HSM to another, in Azure's form: an AES-256 key under RSA-OAEP with SHA-1, then the PKCS#8 key under AES-KWP of that.</summary>
public static class KeyTransfer
{
    private const int ShortestWrapped = 32;

    /// <summary>What the other HSM's tool gives out.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> exchangeKey, AsymmetricAlgorithm key) => Wrap(exchangeKey, key.ExportPkcs8PrivateKey());

    /// <summary>The same of any bytes, and in other ways than the form has it.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> exchangeKey, byte[] pkcs8, RSAEncryptionPadding? padding = null, int aesBits = 256)
    {
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(exchangeKey, out _);
        using Aes aes = Aes.Create();
        aes.KeySize = aesBits;
        return [.. rsa.Encrypt(aes.Key, padding ?? RSAEncryptionPadding.OaepSHA1), .. aes.EncryptKeyWrapPadded(pkcs8)];
    }

    /// <summary>The key in a blob; null if it does not open, or not to a key of this algorithm.</summary>
    internal static AsymmetricAlgorithm? Unwrap(RSA exchangeKey, KeyAlgorithm algorithm, ReadOnlySpan<byte> blob)
    {
        AsymmetricAlgorithm key = algorithm.IsRsa ? RSA.Create() : ECDsa.Create();
        int split = exchangeKey.KeySize / 8;
        try
        {
            if (blob.Length >= split + ShortestWrapped && blob.Length <= IKeyImport.MaxBlobSize)
            {
                using Aes aes = Aes.Create();
                byte[] secret = exchangeKey.Decrypt(blob[..split], RSAEncryptionPadding.OaepSHA1);
                if (secret.Length == 32)
                {
                    aes.Key = secret;
                    byte[] pkcs8 = aes.DecryptKeyWrapPadded(blob[split..]);
                    key.ImportPkcs8PrivateKey(pkcs8, out int read);
                    if (read == pkcs8.Length && IsOf(algorithm, key))
                    {
                        return key;
                    }
                }
            }
        }
        catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
        {
            // It does not open.
        }

        key.Dispose();
        return null;
    }

    /// <summary>A public key in its one encoding.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: it is none of this algorithm.</exception>
    internal static byte[] Encode(KeyAlgorithm algorithm, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        using AsymmetricAlgorithm key = algorithm.IsRsa ? RSA.Create() : ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out int read);
            if (read == subjectPublicKeyInfo.Length && IsOf(algorithm, key))
            {
                return key.ExportSubjectPublicKeyInfo();
            }
        }
        catch (CryptographicException)
        {
            // It is none at all.
        }

        throw new KeyBackendException(KeyBackendFailure.Rejected, "The public key is none of this algorithm.");
    }

    private static bool IsOf(KeyAlgorithm algorithm, AsymmetricAlgorithm key) => key switch
    {
        RSA rsa => rsa.KeySize == algorithm.SizeInBits && rsa.ExportParameters(includePrivateParameters: false).Exponent is [1, 0, 1],
        ECDsa ecdsa => ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == algorithm.CurveOid,
        _ => false,
    };
}
