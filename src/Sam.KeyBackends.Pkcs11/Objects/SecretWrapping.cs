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
        lease.RunWithKey(key, CKO.CKO_SECRET_KEY, (session, wrappingKey) =>
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
        });

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
                return session.GetAttribute(holder, CKA.CKA_VALUE);
            }
            finally
            {
                session.DestroyObject(holder);
            }
        });
    }

    private static ulong Hold(Session session, ReadOnlyMemory<byte> secret)
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
