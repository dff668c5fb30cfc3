using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>Agrees on secrets with keys that may do nothing else. PKCS#11 derives objects only, so the secret is a session object for the length of one call.</summary>
internal static class KeyAgreement
{
    private const int SecretLength = 32;

    /// <summary>The public half, of a key that agrees: a signer's key is none, though it may lie on the same curve.</summary>
    internal static byte[] ReadPublicKey(SessionLease lease, KeyReference key)
    {
        _ = lease.RunWithKey(key, CKO.CKO_PRIVATE_KEY, (session, handle) => RequireAgreeing(session, handle));
        return lease.RunWithKey(key, CKO.CKO_PUBLIC_KEY, (session, handle) => PublicKeys.Read(session, handle).SubjectPublicKeyInfo);
    }

    internal static byte[] Agree(SessionLease lease, KeyReference key, byte[] point) => lease.RunWithKey(key, CKO.CKO_PRIVATE_KEY, (session, handle) =>
    {
        _ = RequireAgreeing(session, handle);
        IntPtr memory = Marshal.AllocHGlobal(point.Length);
        CK_MECHANISM mechanism = Mechanisms.Agree(point, memory);
        try
        {
            using Template template = KeyTemplates.AgreedSecret(SecretLength);
            ulong secret = session.DeriveKey(mechanism, handle, template);
            try
            {
                return session.GetAttribute(secret, CKA.CKA_VALUE);
            }
            finally
            {
                session.DestroyObject(secret);
            }
        }
        finally
        {
            Marshal.FreeHGlobal(mechanism.Parameter);
            Marshal.FreeHGlobal(memory);
        }
    });

    private static bool RequireAgreeing(Session session, ulong handle) => session.GetAttribute(handle, CKA.CKA_DERIVE) is [1]
        ? true
        : throw new KeyBackendException(KeyBackendFailure.KeyNotFound, "PKCS#11: there is no agreement key of this name.");
}
