using System.Security.Cryptography;
using System.Text.Json;
using Jose;
using Sam.Core.Approvals;
using Sam.Core.Encryption;
using Base64Url = System.Buffers.Text.Base64Url;

namespace Sam.Cli.Factors;

/// <summary>
/// What a page does where signers enter factors that an application carries: it believes only keys that the SAM signed, and binds what was entered to what it showed. The reference for makers of
/// such pages; made with a JOSE library, as theirs will be.
/// </summary>
internal static class FactorPage
{
    private const string KeysType = "sam-factor-keys+jwt";

    /// <summary>The key to encrypt to, out of what <c>info</c> says; null for what the SAM did not sign, or signed too long ago.</summary>
    /// <param name="factorKeys">The member <c>factorKeys</c> of <c>info</c>.</param>
    /// <param name="sam">The SAM's own key, which the page took once by a way of its own.</param>
    /// <param name="deployment">The deployment's id, out of the challenge.</param>
    /// <param name="now">The page's clock.</param>
    internal static JsonWebKey? FindKey(string factorKeys, ECDsa sam, string deployment, DateTimeOffset now)
    {
        try
        {
            if (JWT.Headers(factorKeys) is not { } header || header["typ"] as string != KeysType)
            {
                return null;
            }

            string payload = JWT.Decode(factorKeys, sam, JwsAlgorithm.ES256);
            return JsonSerializer.Deserialize(payload, PageJson.Default.FactorKeySet) is { } set && set.Sam == deployment && now.ToUnixTimeSeconds() < set.ExpiresAt
                && set.Keys is [JsonWebKey newest, ..]
                    ? newest
                    : null;
        }
        catch (Exception none) when (none is JoseException or JsonException or FormatException or ArgumentException or KeyNotFoundException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The JWE, for the application to send as <c>FACTORS-JWE</c>.</summary>
    /// <param name="key">The SAM's key.</param>
    /// <param name="challenge">The challenge that the application got.</param>
    /// <param name="shown">What the page showed.</param>
    /// <param name="numSignatures">How many signatures the application asks for.</param>
    /// <param name="pin">The PIN; null for none.</param>
    /// <param name="oneTimePassword">The one-time password; null for none.</param>
    internal static string Encrypt(JsonWebKey key, string challenge, PendingApproval shown, int numSignatures, Secret? pin, Secret? oneTimePassword)
    {
        string deployment = DeviceChallenge.TryRead(challenge)!.Sam;
        EnteredFactors entered = new()
        {
            Statement = Base64Url.EncodeToString(SHA256.HashData(ApprovalStatement.OfFactors(deployment, shown, numSignatures))),
            Pin = pin,
            OneTimePassword = oneTimePassword,
        };
        Dictionary<string, object> header = new() { ["kid"] = key.Kid, ["challenge"] = challenge };
        string plaintext = JsonSerializer.Serialize(entered, PageJson.Default.EnteredFactors);
        if (key.N is not null)
        {
            using RSA rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key.N), Exponent = Base64Url.DecodeFromChars(key.E) });
            return JWT.Encode(plaintext, rsa, JweAlgorithm.RSA_OAEP_256, JweEncryption.A256GCM, extraHeaders: header);
        }

        using ECDiffieHellman ec = ECDiffieHellman.Create(
            new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(key.X), Y = Base64Url.DecodeFromChars(key.Y) } });
        return JWT.Encode(plaintext, ec, JweAlgorithm.ECDH_ES, JweEncryption.A256GCM, extraHeaders: header);
    }
}
