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
internal static class SecretWrapping
{
    // AES-KWP (RFC 5649) of 16 to 64 bytes: padded to eights, and eight more.
    private const int MinWrappedLength = 24;
    private const int MaxWrappedLength = 72;

    internal static byte[] Wrap(SessionLease lease, KeyReference key, ReadOnlyMemory<byte> secret) =>
        lease.RunWithKey(key, CKO.CKO_SECRET_KEY, (session, wrappingKey) => Wrap(session, wrappingKey, secret.Span));

    internal static byte[] Unwrap(SessionLease lease, KeyReference key, ReadOnlyMemory<byte> wrapped)
    {
        if (wrapped.Length is < MinWrappedLength or > MaxWrappedLength || wrapped.Length % 8 != 0)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, $"PKCS#11: {wrapped.Length} bytes are no wrapped secret.");
        }

        return lease.RunWithKey(key, CKO.CKO_SECRET_KEY, (session, wrappingKey) =>
        {
            using Template template = KeyTemplates.UnwrappedSecret();
            ulong holder = session.UnwrapKey(Mechanisms.WrapPadded, wrappingKey, wrapped.ToArray(), template);
            try
            {
                return WithoutPadding(session, wrappingKey, session.GetAttribute(holder, CKA.CKA_VALUE), wrapped.Span);
            }
            finally
            {
                session.DestroyObject(holder);
            }
        });
    }

    private static byte[] Wrap(Session session, ulong wrappingKey, ReadOnlySpan<byte> secret)
    {
        ulong holder = Hold(session, secret);
        try
        {
            return session.WrapKey(Mechanisms.WrapPadded, wrappingKey, holder);
        }
        finally
        {
            session.DestroyObject(holder);
        }
    }

    // SoftHSM 2.6.1 leaves the zeros on with which AES-KWP fills up to eights. Where a secret may have been shorter, wrapping tells:
    // it is deterministic, and the true length is inside.
    private static byte[] WithoutPadding(Session session, ulong wrappingKey, byte[] value, ReadOnlySpan<byte> wrapped)
    {
        if (value is not [.., 0])
        {
            return value;
        }

        try
        {
            int shortest = value.Length - 7;
            for (int length = value.Length; length >= shortest; length--)
            {
                if (!value.AsSpan(length).ContainsAnyExcept((byte)0) && Wrap(session, wrappingKey, value.AsSpan(0, length)).AsSpan().SequenceEqual(wrapped))
                {
                    return value[..length];
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }

        throw new KeyBackendException(KeyBackendFailure.Rejected, "PKCS#11: the HSM unwrapped what it does not wrap so.");
    }

    private static ulong Hold(Session session, ReadOnlySpan<byte> secret)
    {
        byte[] copy = secret.ToArray();
        try
        {
            using Template template = KeyTemplates.SecretToWrap(copy);
            return session.CreateObject(template);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }
}
