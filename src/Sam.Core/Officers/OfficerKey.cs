using System.Security.Cryptography;

namespace Sam.Core.Officers;

/// <summary>What may be a privileged user's own key.</summary>
internal static class OfficerKey
{
    /// <summary>True for a SubjectPublicKeyInfo of P-256 by name, in its one encoding; the import checks that the point is on the curve.</summary>
    internal static bool IsUsable(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out int read);
            return read == subjectPublicKeyInfo.Length
                && key.ExportParameters(false).Curve.Oid.Value == Algorithms.KeyAlgorithm.P256.CurveOid
                && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
