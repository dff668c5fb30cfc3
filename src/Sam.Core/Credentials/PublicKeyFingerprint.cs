using System.Security.Cryptography;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Credentials;

/// <summary>A public key under the one name that all its encodings have: SHA-256 over modulus and exponent, or over curve and point (T-IMP-4).</summary>
internal static class PublicKeyFingerprint
{
    /// <summary>32 bytes; null for what is no RSA key or no point on a curve by name.</summary>
    internal static byte[]? Of(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            using ECDsa ec = ECDsa.Create();
            ec.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            ECParameters point = ec.ExportParameters(false);
            return SHA256.HashData(AssociatedData.Of("sam-public-key/1", "ec", point.Curve.Oid.Value ?? string.Empty, Convert.ToHexStringLower(point.Q.X!), Convert.ToHexStringLower(point.Q.Y!)));
        }
        catch (CryptographicException)
        {
            // No curve's.
        }

        try
        {
            using RSA rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            RSAParameters parameters = rsa.ExportParameters(false);
            return SHA256.HashData(AssociatedData.Of("sam-public-key/1", "rsa", Number(parameters.Modulus!), Number(parameters.Exponent!)));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Where a key is known by it: spread over 256 partitions.</summary>
    internal static RowAddress Address(ReadOnlySpan<byte> fingerprint)
    {
        string name = Convert.ToHexStringLower(fingerprint);
        return new RowAddress(SamTable.Registry, $"key-{name[..2]}", name);
    }

    private static string Number(ReadOnlySpan<byte> bigEndian) => Convert.ToHexStringLower(bigEndian.TrimStart((byte)0));
}
