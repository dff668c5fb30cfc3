using System.Security.Cryptography;
using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>
/// Which bytes are wrapped. RSA-OAEP takes any secret as it is. AES-KW (RFC 3394) takes multiples of eight bytes, so a secret that is no AES key's length is put in a
/// frame of 72 bytes: its length in one byte, the secret, and zeros. The lengths of what comes back, 16, 24, 32 or 72, tell which it was.
/// </summary>
/// <remarks>Data keys have 32 bytes and go without a frame: whatever else the HSM's AES-KW may refuse, it takes AES keys.</remarks>
internal sealed class SecretWrapping
{
    private const int MinLength = 16;
    private const int MaxLength = 64;
    private const int FrameLength = 72;
    private const int AesKwOverhead = 8;
    private const int RsaLength = 384;

    private readonly bool _aes;

    internal SecretWrapping(HsmService service) => _aes = service == HsmService.ManagedHsm;

    internal string Algorithm => _aes ? "A256KW" : "RSA-OAEP-256";

    /// <summary>What the HSM is given. The caller clears it.</summary>
    internal byte[] Prepare(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinLength, nameof(secret));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxLength, nameof(secret));
        if (!_aes || IsAesKeyLength(secret.Length))
        {
            return secret.ToArray();
        }

        byte[] frame = new byte[FrameLength];
        frame[0] = (byte)secret.Length;
        secret.CopyTo(frame.AsSpan(1));
        return frame;
    }

    /// <summary>Whether bytes can be wrapped ones at all, by their length.</summary>
    internal bool IsWrappedLength(int length) =>
        _aes ? length == FrameLength + AesKwOverhead || IsAesKeyLength(length - AesKwOverhead) : length == RsaLength;

    /// <summary>The secret in what the HSM unwrapped, which is cleared.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: the key wrapped something else.</exception>
    internal byte[] Restore(byte[] unwrapped)
    {
        try
        {
            if (!_aes)
            {
                return unwrapped.Length is >= MinLength and <= MaxLength ? [.. unwrapped] : throw NotWrapped();
            }

            if (IsAesKeyLength(unwrapped.Length))
            {
                return [.. unwrapped];
            }

            int length = unwrapped.Length == FrameLength ? unwrapped[0] : 0;
            return length is >= MinLength and <= MaxLength && !IsAesKeyLength(length) && !unwrapped.AsSpan(1 + length).ContainsAnyExcept((byte)0)
                ? unwrapped[1..(1 + length)]
                : throw NotWrapped();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(unwrapped);
        }
    }

    internal static KeyBackendException NotWrapped() => new(KeyBackendFailure.Rejected, "Managed HSM: this key did not wrap these bytes.");

    private static bool IsAesKeyLength(int length) => length is 16 or 24 or 32;
}
