using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Values;

namespace Sam.Core.Encryption;

/// <summary>
/// A JWE in its compact form (RFC 7516), of the two kinds that are taken: ECDH-ES with P-256, and RSA-OAEP-256; each with A256GCM, and neither compressed. One spelling of each:
/// a header with another member, or base64url with bits behind its last byte, is none.
/// </summary>
internal sealed class FactorsJwe
{
    internal const int LongestText = 8_192;

    private const string ContentEncryption = "A256GCM";
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly string _protected;
    private readonly byte[] _nonce;
    private readonly byte[] _ciphertext;
    private readonly byte[] _tag;

    private FactorsJwe(string headerText, JweHeader header, byte[] encryptedKey, byte[] nonce, byte[] ciphertext, byte[] tag)
    {
        _protected = headerText;
        Header = header;
        EncryptedKey = encryptedKey;
        _nonce = nonce;
        _ciphertext = ciphertext;
        _tag = tag;
    }

    internal JweHeader Header { get; }

    /// <summary>The content key, encrypted to the SAM's; empty where it is agreed.</summary>
    internal byte[] EncryptedKey { get; }

    internal static bool TryParse(SecretText text, [NotNullWhen(true)] out FactorsJwe? jwe)
    {
        jwe = null;
        if (text.Length > LongestText || text.Reveal().Split('.') is not [var headerText, var key, var nonce, var ciphertext, var tag]
            || !CanonicalBase64Url.TryDecode(headerText, out byte[]? headerBytes) || !CanonicalBase64Url.TryDecode(key, out byte[]? keyBytes)
            || !CanonicalBase64Url.TryDecode(nonce, out byte[]? nonceBytes) || nonceBytes.Length != NonceSize
            || !CanonicalBase64Url.TryDecode(ciphertext, out byte[]? ciphertextBytes)
            || !CanonicalBase64Url.TryDecode(tag, out byte[]? tagBytes) || tagBytes.Length != TagSize)
        {
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize(headerBytes, JweJson.Default.JweHeader) is { Enc: ContentEncryption } header
                && (header.Alg == FactorKey.Agreement ? header.Epk is { Kty: "EC", Crv: "P-256" } && keyBytes.Length == 0 : header.Alg == FactorKey.Transport && header.Epk is null))
            {
                jwe = new FactorsJwe(headerText, header, keyBytes, nonceBytes, ciphertextBytes, tagBytes);
            }
        }
        catch (JsonException)
        {
            // None of ours.
        }

        return jwe is not null;
    }

    /// <summary>The other side's public key, as the HSM is to take it: SubjectPublicKeyInfo, DER. Null for one that is not on the curve.</summary>
    internal byte[]? ReadEphemeralKey()
    {
        if (!CanonicalBase64Url.TryDecode(Header.Epk!.X, out byte[]? x) || !CanonicalBase64Url.TryDecode(Header.Epk.Y, out byte[]? y) || x.Length != KeySize || y.Length != KeySize)
        {
            return null;
        }

        try
        {
            using ECDiffieHellman key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>What was encrypted under this content key; null for anything else. The caller clears it.</summary>
    internal byte[]? Decrypt(ReadOnlySpan<byte> contentKey)
    {
        if (contentKey.Length != KeySize)
        {
            return null;
        }

        byte[] plaintext = new byte[_ciphertext.Length];
        try
        {
            using AesGcm gcm = new(contentKey, TagSize);
            gcm.Decrypt(_nonce, _ciphertext, _tag, plaintext, Encoding.ASCII.GetBytes(_protected));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}

/// <summary>The protected header.</summary>
/// <param name="Alg">ECDH-ES or RSA-OAEP-256.</param>
/// <param name="Enc">A256GCM.</param>
/// <param name="Kid">Which of the SAM's keys.</param>
/// <param name="Challenge">The challenge that is answered, as <c>credentials/getChallenge</c> gave it.</param>
/// <param name="Epk">The other side's public key, where the content key is agreed.</param>
internal sealed record JweHeader(
    [property: JsonPropertyName("alg")] string Alg,
    [property: JsonPropertyName("enc")] string Enc,
    [property: JsonPropertyName("kid")] string Kid,
    [property: JsonPropertyName("challenge")] string Challenge,
    [property: JsonPropertyName("epk")] EphemeralKey? Epk = null);

/// <summary>A P-256 key that is good for one agreement.</summary>
internal sealed record EphemeralKey(
    [property: JsonPropertyName("kty")] string Kty,
    [property: JsonPropertyName("crv")] string Crv,
    [property: JsonPropertyName("x")] string X,
    [property: JsonPropertyName("y")] string Y);

/// <summary>What is encrypted.</summary>
/// <remarks>A class: a record would print the PIN wherever it is printed.</remarks>
internal sealed class FactorsPlaintext
{
    /// <summary>SHA-256 of what the signer was shown (<see cref="Approvals.ApprovalStatement.OfFactors"/>), base64url.</summary>
    [JsonPropertyName("statement")]
    public required string Statement { get; init; }

    /// <summary>The PIN.</summary>
    [JsonPropertyName("PIN")]
    public string? Pin { get; init; }

    /// <summary>The one-time password.</summary>
    [JsonPropertyName("OTP")]
    public string? OneTimePassword { get; init; }
}

/// <summary>The JSON inside, strict: what is bound must mean one thing.</summary>
[JsonSourceGenerationOptions(
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(JweHeader))]
[JsonSerializable(typeof(FactorsPlaintext))]
internal sealed partial class JweJson : JsonSerializerContext;
