using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sam.Testing.Csc;

/// <summary>A page where signers enter factors, as its maker builds it from the documentation and the RFCs, without a JOSE library.</summary>
public static class TestPage
{
    private const int TagSize = 16;

    /// <summary>The JWE for a challenge, with a key out of the signed set that <c>info</c> has.</summary>
    public static string Encrypt(string factorKeys, string challenge, IReadOnlyList<byte[]> digests, string? pin, string label = "")
    {
        using JsonDocument set = JsonDocument.Parse(Base64Url.DecodeFromChars(factorKeys.Split('.')[1]));
        using JsonDocument asked = JsonDocument.Parse(Base64Url.DecodeFromChars(challenge.Split('.')[0]));
        JsonElement key = set.RootElement.GetProperty("keys")[0];
        string Asked(string name) => asked.RootElement.GetProperty(name).ToString();
        string statement = string.Concat(new[]
        {
            "sam-factors/1", Asked("sam"), Asked("id"), Asked("client"), Asked("credential"), "2.16.840.1.101.3.4.2.1", $"{digests.Count}", label, Asked("exp"),
        }.Concat(digests.Select(Convert.ToHexStringLower).Order(StringComparer.Ordinal)).Select(line => line + "\n"));
        string plaintext = JsonSerializer.Serialize(new Dictionary<string, string?> { ["statement"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(statement))), ["PIN"] = pin });

        using ECDiffieHellman theirs = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(key.GetProperty("x").GetString()), Y = Base64Url.DecodeFromChars(key.GetProperty("y").GetString()) },
        });
        using ECDiffieHellman mine = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        ECPoint point = mine.ExportParameters(includePrivateParameters: false).Q;
        string header = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new
        {
            alg = "ECDH-ES",
            enc = "A256GCM",
            kid = key.GetProperty("kid").GetString(),
            challenge,
            epk = new { kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) },
        }));
        byte[] contentKey = SHA256.HashData([.. Number(1), .. mine.DeriveRawSecretAgreement(theirs.PublicKey), .. Number(7), .. "A256GCM"u8, .. Number(0), .. Number(0), .. Number(256)]);
        byte[] nonce = RandomNumberGenerator.GetBytes(12);
        byte[] clear = Encoding.UTF8.GetBytes(plaintext);
        byte[] ciphertext = new byte[clear.Length];
        byte[] tag = new byte[TagSize];
        using AesGcm gcm = new(contentKey, TagSize);
        gcm.Encrypt(nonce, clear, ciphertext, tag, Encoding.ASCII.GetBytes(header));
        return $"{header}..{Base64Url.EncodeToString(nonce)}.{Base64Url.EncodeToString(ciphertext)}.{Base64Url.EncodeToString(tag)}";
    }

    private static byte[] Number(int number)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
