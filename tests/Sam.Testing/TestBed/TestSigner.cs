using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;

namespace Sam.Testing.TestBed;

/// <summary>A registered signer with a PIN and one certified credential.</summary>
/// <param name="UserId">The name.</param>
/// <param name="Id">The signer.</param>
/// <param name="Pin">The PIN: random.</param>
/// <param name="Credential">The credential.</param>
/// <param name="Key">Its key, as the backend names it.</param>
/// <param name="Certificate">Its certificate, DER.</param>
public sealed record TestSigner(string UserId, SignerId Id, SecretText Pin, CredentialId Credential, SigningKey Key, byte[] Certificate)
{
    /// <summary>Verifies with the BCL alone, as a relying party would: ECDSA signatures are DER.</summary>
    public bool Verifies(Digest digest, byte[] signature, SignatureAlgorithm algorithm)
    {
        if (algorithm.Scheme == SignatureScheme.Ecdsa)
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(Key.SubjectPublicKeyInfo.Span, out _);
            return ecdsa.VerifyHash(digest.Value, signature, DSASignatureFormat.Rfc3279DerSequence);
        }

        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Key.SubjectPublicKeyInfo.Span, out _);
        return rsa.VerifyHash(
            digest.Value, signature, algorithm.Hash.BclName, algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
