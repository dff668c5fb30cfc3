using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Keys;

namespace Sam.Core.Encryption;

/// <summary>A key in the HSM to which factors are encrypted.</summary>
internal sealed class FactorKey
{
    internal const string Agreement = "ECDH-ES";
    internal const string Transport = "RSA-OAEP-256";

    private FactorKey(KeyReference reference, JsonWebKey publicKey, DateTimeOffset? madeAt)
    {
        Reference = reference;
        PublicKey = publicKey;
        MadeAt = madeAt;
    }

    /// <summary>Its name in the HSM.</summary>
    internal KeyReference Reference { get; }

    /// <summary>As it is published.</summary>
    internal JsonWebKey PublicKey { get; }

    /// <summary>When the SAM made it; null for one that a ceremony made.</summary>
    internal DateTimeOffset? MadeAt { get; }

    /// <summary>A key by its public half: P-256 agrees, RSA decrypts.</summary>
    /// <exception cref="CryptographicException">It is neither.</exception>
    internal static FactorKey Of(KeyReference reference, ReadOnlySpan<byte> subjectPublicKeyInfo, DateTimeOffset? madeAt)
    {
        System.Security.Cryptography.X509Certificates.PublicKey key = System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        if (key.GetRSAPublicKey() is { } rsa)
        {
            using (rsa)
            {
                RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
                (string n, string e) = (Base64Url.EncodeToString(parameters.Modulus), Base64Url.EncodeToString(parameters.Exponent));
                return new FactorKey(reference, new JsonWebKey("RSA", Transport, Thumbprint($$"""{"e":"{{e}}","kty":"RSA","n":"{{n}}"}""")) { N = n, E = e }, madeAt);
            }
        }

        using ECDiffieHellman ec = key.GetECDiffieHellmanPublicKey() ?? throw new CryptographicException("Neither RSA nor of a curve.");
        ECPoint point = ec.ExportParameters(includePrivateParameters: false).Q;
        (string x, string y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        return new FactorKey(reference, new JsonWebKey("EC", Agreement, Thumbprint($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")) { Crv = "P-256", X = x, Y = y }, madeAt);
    }

    /// <summary>RFC 7638: the same key has the same name, whoever publishes it.</summary>
    private static string Thumbprint(string canonical) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
}
