using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Core.Algorithms;

namespace Sam.Testing.Csc;

/// <summary>A signer that a test made.</summary>
/// <param name="UserId">The name that clients use.</param>
/// <param name="Pin">The PIN.</param>
public sealed record TestSigner(string UserId, string Pin);

/// <summary>A credential that a test made, with a certificate.</summary>
/// <param name="Id">The credentialID.</param>
/// <param name="Signer">Whose it is.</param>
/// <param name="Algorithm">The key's kind.</param>
/// <param name="Certificate">DER.</param>
public sealed record TestCredential(string Id, TestSigner Signer, KeyAlgorithm Algorithm, byte[] Certificate)
{
    /// <summary>Checks a signature as its receiver would: with the certificate, and ECDSA in DER.</summary>
    public bool Verifies(byte[] digest, byte[] signature, SignatureAlgorithm? algorithm = null)
    {
        algorithm ??= SignatureAlgorithm.All.First(a => a.Fits(Algorithm));
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Certificate);
        if (algorithm.Scheme == SignatureScheme.Ecdsa)
        {
            using ECDsa ecdsa = certificate.GetECDsaPublicKey()!;
            return ecdsa.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
        }

        using RSA rsa = certificate.GetRSAPublicKey()!;
        return rsa.VerifyHash(
            digest, signature, algorithm.Hash.BclName, algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }
}
