using System.Security.Cryptography;
using System.Text;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// What the key to be imported signs itself, before it is wrapped: challenge, signer, credential, attributes and blob (security decision 25). So nobody has a key imported that they do not
/// hold, and nobody has theirs imported as anything but what they were asked for.
/// </summary>
public static class KeyPossession
{
    /// <summary>
    /// The statement, UTF-8: ten lines, each ended by a line feed. <c>sam-import/1</c>; the challenge; the signer's id; the credentialID; the algorithm's name; multisign, decimal; the
    /// level; the factors' name; the description, empty for none; SHA-256 of the blob, lower-case hexadecimal.
    /// </summary>
    public static byte[] Statement(string challenge, CredentialId credential, CredentialRequest request, ReadOnlySpan<byte> blob) => Encoding.UTF8.GetBytes(string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"sam-import/1\n{challenge}\n{credential.Signer}\n{credential}\n{request.Algorithm.Name}\n{request.Multisign}\n{request.Level}\n{request.Factors.Name}\n{request.Description}\n{Convert.ToHexStringLower(SHA256.HashData(blob))}\n"));

    /// <summary>Signs a statement: with SHA-256, RSASSA-PKCS1-v1_5, or ECDSA in DER; as <c>openssl dgst -sha256 -sign</c> does.</summary>
    /// <exception cref="ArgumentException">The key is neither.</exception>
    public static byte[] Sign(AsymmetricAlgorithm key, byte[] statement) => key switch
    {
        RSA rsa => rsa.SignData(statement, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => ecdsa.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
        _ => throw new ArgumentException("An RSA or an ECDSA key.", nameof(key)),
    };

    /// <summary>Whether the key of this SubjectPublicKeyInfo has signed the statement.</summary>
    internal static bool IsProved(CredentialRequest request, ReadOnlySpan<byte> subjectPublicKeyInfo, byte[] statement, byte[] signature)
    {
        try
        {
            if (request.Algorithm.IsRsa)
            {
                using RSA rsa = RSA.Create();
                rsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
                return rsa.VerifyData(statement, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }

            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            return ecdsa.VerifyData(statement, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // No key, or no signature, of this kind.
            return false;
        }
    }
}
