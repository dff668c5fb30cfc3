using System.Security.Cryptography;

namespace Sam.Core.Approvals;

/// <summary>ES256 by a device's key: R‖S, 64 bytes.</summary>
public static class DeviceSignature
{
    private const int Size = 64;

    /// <summary>Signs a statement.</summary>
    /// <param name="key">The device's key, P-256.</param>
    /// <param name="statement">What is signed.</param>
    public static byte[] Sign(ECDsa key, byte[] statement) => key.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    internal static bool IsBy(ReadOnlySpan<byte> subjectPublicKeyInfo, byte[] statement, ReadOnlySpan<byte> signature)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return signature.Length == Size && key.VerifyData(statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
