using System.Buffers.Text;
using System.Text.Json;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>The file in which a wrapped key goes to the HSM (the specification of "bring your own key", schema 1.0.0). It names the exchange key; what is in it only that key opens.</summary>
internal static class TransferBlob
{
    /// <summary>A PKCS#8 key under AES-KWP is longer.</summary>
    internal const int ShortestWrapped = 32;

    internal static byte[] Write(Uri exchangeKey, ReadOnlySpan<byte> wrapped)
    {
        using MemoryStream file = new();
        using (Utf8JsonWriter writer = new(file))
        {
            writer.WriteStartObject();
            writer.WriteString("schema_version", "1.0.0");
            writer.WriteStartObject("header");
            writer.WriteString("kid", exchangeKey.AbsoluteUri);
            writer.WriteString("alg", "dir");
            writer.WriteString("enc", "CKM_RSA_AES_KEY_WRAP");
            writer.WriteEndObject();
            writer.WriteString("ciphertext", Base64Url.EncodeToString(wrapped));
            writer.WriteString("generator", "FunctionsSam");
            writer.WriteEndObject();
        }

        return file.ToArray();
    }
}
