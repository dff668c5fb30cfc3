using Net.Pkcs11Interop.Common;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>Anchors as private data objects of the token. An object is never updated (SoftHSM refuses it): a new one is made, and then the old ones go.</summary>
internal static class Anchors
{
    // One as a rule, and one more for each crash between making and deleting.
    private const int MaxAnchors = 64;

    internal static IReadOnlyList<byte[]> Read(SessionLease lease, TokenLogin login) => lease.Run(session =>
        (IReadOnlyList<byte[]>)[.. Search(session, login).Select(handle => session.GetAttribute(handle, CKA.CKA_VALUE))]);

    internal static bool Write(SessionLease lease, TokenLogin login, byte[] anchor, IReadOnlyList<byte[]> superseded)
    {
        lease.Run(session =>
        {
            // A try before this one may have made it, and lost the answer.
            if (!Search(session, login).Any(handle => session.GetAttribute(handle, CKA.CKA_VALUE).AsSpan().SequenceEqual(anchor)))
            {
                using Template template = KeyTemplates.Anchor(anchor);
                session.CreateTokenObject(template);
            }

            return true;
        });
        lease.Run(session =>
        {
            foreach (ulong handle in Search(session, login))
            {
                byte[] value = session.GetAttribute(handle, CKA.CKA_VALUE);
                if (superseded.Any(old => old.AsSpan().SequenceEqual(value)) && !value.AsSpan().SequenceEqual(anchor))
                {
                    session.DestroyObject(handle);
                }
            }

            return true;
        });
        return true;
    }

    private static ulong[] Search(Session session, TokenLogin login)
    {
        using Template template = KeyTemplates.Anchors();
        return login.Search(session, template, MaxAnchors);
    }
}
