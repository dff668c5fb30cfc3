using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Core.Values;

namespace Sam.Core.Officers;

/// <summary>A proof that came with a request, taken apart; nothing of it is believed before <see cref="IsBy"/>.</summary>
internal sealed class OfficerProof
{
    private const int LongestText = 4096;
    private const int SignatureSize = 64;
    private const int ShortestId = 22;
    private const int LongestId = 64;

    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private OfficerProof(string text, ProofClaims claims, byte[] signed, byte[] signature)
    {
        Text = text;
        Claims = claims;
        _signed = signed;
        _signature = signature;
    }

    /// <summary>As it came: what is kept as evidence.</summary>
    internal string Text { get; }

    internal ProofClaims Claims { get; }

    /// <summary>Takes exactly the form that <see cref="ProofClaims.Sign"/> gives.</summary>
    internal static bool TryParse(string? text, [NotNullWhen(true)] out OfficerProof? proof)
    {
        proof = null;
        if (text is not { Length: <= LongestText } || text.Split('.') is not [var header, var payload, var signature]
            || !CanonicalBase64Url.TryDecode(header, out byte[]? headerBytes) || !headerBytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(ProofClaims.Header))
            || !CanonicalBase64Url.TryDecode(payload, out byte[]? payloadBytes) || !CanonicalBase64Url.TryDecode(signature, out byte[]? signatureBytes) || signatureBytes.Length != SignatureSize)
        {
            return false;
        }

        try
        {
            if (JsonSerializer.Deserialize(payloadBytes, ProofJson.Default.ProofClaims) is { Id.Length: >= ShortestId and <= LongestId } claims)
            {
                proof = new OfficerProof(text, claims, Encoding.ASCII.GetBytes($"{header}.{payload}"), signatureBytes);
            }
        }
        catch (JsonException)
        {
            // No proof.
        }

        return proof is not null;
    }

    /// <summary>Whether the holder of this key signed it.</summary>
    internal bool IsBy(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        return key.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>Whether it is for this request.</summary>
    internal bool IsFor(OfficerRequest request, string deployment) =>
        Claims.Deployment == deployment
        && Claims.Method == request.Method
        && Claims.Target == request.Target
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Claims.TokenHash), Encoding.UTF8.GetBytes(request.TokenHash))
        && Claims.BodyHash == ProofClaims.HashOf(request.Body.Span)
        && Claims.IfMatch == request.IfMatch
        && Claims.IdempotencyKey == request.IdempotencyKey;
}
