using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>
/// Wraps bytes of this process. PKCS#11 wraps objects only, so the secret becomes a session object for the length of one call;
/// if even its destruction fails, the failure closes the session, and the object dies with it.
/// </summary>
/// <remarks>
/// What is wrapped is the secret's length in one byte, the secret, and zeros up to a multiple of eight. The length is ours because SoftHSM 2.6.1
/// fills up with zeros itself before AES-KWP, whose own length field then counts them: 17 bytes would come back as 24.
/// </remarks>
internal static class SecretWrapping
{
    private const int Block = 8;
    private const int MinLength = 16;
    private const int MaxLength = 64;

    internal static byte[] Wrap(SessionLease lease, KeyReference key, ReadOnlyMemory<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, MinLength, nameof(secret));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(secret.Length, MaxLength, nameof(secret));
        return lease.RunWithKey(key, CKO.CKO_SECRET_KEY, (session, wrappingKey) =>
        {
            ulong holder = Hold(session, secret.Span);
            try
            {
                return session.WrapKey(Mechanisms.WrapPadded, wrappingKey, holder);
            }
            finally
            {
                session.DestroyObject(holder);
            }
        });
    }

    internal static byte[] Unwrap(SessionLease lease, KeyReference key, ReadOnlyMemory<byte> wrapped)
    {
        // AES-KWP adds one block.
        if (wrapped.Length % Block != 0 || wrapped.Length < PaddedLength(MinLength) + Block || wrapped.Length > PaddedLength(MaxLength) + Block)
        {
            throw NotWrapped();
        }

        return lease.RunWithKey(key, CKO.CKO_SECRET_KEY, (session, wrappingKey) =>
        {
            using Template template = KeyTemplates.UnwrappedSecret();
            ulong holder = session.UnwrapKey(Mechanisms.WrapPadded, wrappingKey, wrapped.ToArray(), template);
            try
            {
                return WithoutPadding(session.GetAttribute(holder, CKA.CKA_VALUE));
            }
            finally
            {
                session.DestroyObject(holder);
            }
        });
    }

    private static ulong Hold(Session session, ReadOnlySpan<byte> secret)
    {
        byte[] padded = new byte[PaddedLength(secret.Length)];
        try
        {
            padded[0] = (byte)secret.Length;
            secret.CopyTo(padded.AsSpan(1));
            using Template template = KeyTemplates.SecretToWrap(padded);
            return session.CreateObject(template);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    private static byte[] WithoutPadding(byte[] padded)
    {
        try
        {
            int length = padded is [byte first, ..] ? first : 0;
            return length is >= MinLength and <= MaxLength && padded.Length == PaddedLength(length) && !padded.AsSpan(1 + length).ContainsAnyExcept((byte)0)
                ? padded[1..(1 + length)]
                : throw NotWrapped();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    private static int PaddedLength(int length) => (1 + length + Block - 1) / Block * Block;

    private static KeyBackendException NotWrapped() => new(KeyBackendFailure.Rejected, "PKCS#11: this key did not wrap these bytes.");
}
