using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>
/// Which of the SAM's kinds a public key is. Strict: a key of another kind or size, another exponent or a point that is not on its curve is refused here
/// and not by whoever reads the certificate.
/// </summary>
internal static class PublicKeys
{
    /// <summary>The kind and the key's one encoding; null if it is none of the kinds.</summary>
    internal static (KeyAlgorithm Algorithm, byte[] SubjectPublicKeyInfo)? Read(byte[]? subjectPublicKeyInfo)
    {
        if (subjectPublicKeyInfo is null)
        {
            return null;
        }

        try
        {
            PublicKey key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out int read);
            using RSA? rsa = key.GetRSAPublicKey();
            using ECDsa? ecdsa = key.GetECDsaPublicKey();
            KeyAlgorithm? algorithm = read != subjectPublicKeyInfo.Length ? null : rsa is not null ? KindOf(rsa) : ecdsa is not null ? KindOf(ecdsa) : null;
            return algorithm is null ? null : (algorithm, rsa is not null ? rsa.ExportSubjectPublicKeyInfo() : ecdsa!.ExportSubjectPublicKeyInfo());
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static KeyAlgorithm? KindOf(RSA rsa) =>
        rsa.ExportParameters(includePrivateParameters: false).Exponent.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0x01, 0x00, 0x01])
            ? KeyAlgorithm.All.FirstOrDefault(a => a.IsRsa && a.SizeInBits == rsa.KeySize)
            : null;

    // The import has checked that the point is on the curve.
    private static KeyAlgorithm? KindOf(ECDsa ecdsa)
    {
        string? curve = ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value;
        return curve is null ? null : KeyAlgorithm.All.FirstOrDefault(a => a.CurveOid == curve);
    }
}
