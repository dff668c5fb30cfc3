using System.Security.Cryptography;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>
/// How a MAC is made of what the HSM signs. Managed HSM: HMAC-SHA-256 in the HSM over the SHA-256 of the data. Key Vault Premium has no HMAC: there the MAC is HKDF over an
/// RSA PKCS#1 v1.5 signature, which is deterministic and which only the HSM can make, of that same hash (security decision 11).
/// </summary>
/// <remarks>The hash comes first in both, because the service is documented to take digests, and a digest of the wrong length would be refused on one day and hashed on another.</remarks>
internal sealed class MacScheme
{
    private const int HmacLength = 32;
    private const int RsaLength = 384;

    private static readonly byte[] _inputTag = "sam-mac-input-1"u8.ToArray();
    private static readonly byte[] _outputTag = "sam-mac-output-1"u8.ToArray();

    private readonly bool _hmac;

    internal MacScheme(HsmService service) => _hmac = service == HsmService.ManagedHsm;

    internal string Algorithm => _hmac ? "HS256" : "RS256";

    internal int AnswerLength => _hmac ? HmacLength : RsaLength;

    internal static byte[] Prepare(ReadOnlySpan<byte> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_inputTag);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    /// <summary>The MAC; what the HSM gave is cleared where it is not the MAC itself.</summary>
    internal byte[] Complete(byte[] answer)
    {
        if (_hmac)
        {
            return answer;
        }

        try
        {
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, answer, HmacLength, salt: [], info: _outputTag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(answer);
        }
    }
}
