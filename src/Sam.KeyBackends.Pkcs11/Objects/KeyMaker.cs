using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.LowLevelAPI80;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Randomness;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>Makes, takes in and destroys keys of a token, and leaves nothing behind of an attempt that failed.</summary>
internal sealed class KeyMaker(Token token)
{
    private const int IdLength = 16;

    internal SigningKey MakeSigningKey(SessionLease lease, KeyName name, KeyAlgorithm algorithm) => MakePair(lease, name, (begin, id) => lease.Run(session =>
    {
        begin(session);
        return GeneratePair(session, algorithm, id, KeyTemplates.PublicHalf, KeyTemplates.PrivateHalf);
    }));

    /// <summary>Takes a key in. Whether its private half is that of its public one, only a signature tells.</summary>
    internal SigningKey TakeIn(SessionLease lease, KeyName name, KeyReference exchangeKey, TransferredKey transferred) =>
        MakePair(lease, name, (begin, id) => lease.RunWithKey(exchangeKey, CKO.CKO_PRIVATE_KEY, (session, handle) =>
        {
            begin(session);
            int login = token.Login.Count;
            (ulong publicHandle, ulong privateHandle) = transferred.TakeIn(session, handle, id);
            return Named(id, transferred.Algorithm, transferred.SubjectPublicKeyInfo, publicHandle, privateHandle, login);
        }));

    internal (KeyReference Key, byte[] SubjectPublicKeyInfo) MakeExchangeKey(SessionLease lease) => Make(lease, (session, id) =>
    {
        SigningKey made = GeneratePair(session, KeyAlgorithm.Rsa3072, id, KeyTemplates.ExchangePublicHalf, KeyTemplates.ExchangePrivateHalf);
        return (made.Reference, made.SubjectPublicKeyInfo.ToArray());
    });

    internal KeyReference MakeAgreementKey(SessionLease lease) => Make(
        lease, (session, id) => GeneratePair(session, KeyAlgorithm.P256, id, KeyTemplates.AgreementPublicHalf, KeyTemplates.AgreementPrivateHalf).Reference);

    internal KeyReference MakeSecretKey(SessionLease lease, CK_MECHANISM mechanism, Func<byte[], Template> templateOf) => Make(lease, (session, id) =>
    {
        using Template template = templateOf(id);
        KeyReference name = KeyHandles.NameOf(id);
        int login = token.Login.Count;
        token.Keys.Remember(name, CKO.CKO_SECRET_KEY, session.GenerateKey(mechanism, template), login);
        return name;
    });

    // The private half first: after a crash between the two, what is left cannot sign.
    internal bool Destroy(SessionLease lease, KeyReference key)
    {
        foreach (CKO kind in (CKO[])[CKO.CKO_PRIVATE_KEY, CKO.CKO_SECRET_KEY, CKO.CKO_PUBLIC_KEY])
        {
            lease.RunToEnd(session => DestroyAll(session, key, kind));
            token.Keys.Forget(key, kind);
        }

        return true;
    }

    /// <summary>Makes a key pair under the name that its caller has written down. What an attempt before may have left there is destroyed: two keys of one name are none.</summary>
    private SigningKey MakePair(SessionLease lease, KeyName name, Func<Action<Session>, byte[], SigningKey> attempt)
    {
        KeyReference key = KeyReference.Parse(name.Value);
        bool isTried = false;
        SigningKey? made = null;
        try
        {
            return made = attempt(Begin, Convert.FromHexString(name.Value));
        }
        finally
        {
            if (made is null)
            {
                TryDestroy(lease, key);
            }
        }

        // Each attempt calls it first.
        void Begin(Session session)
        {
            if (isTried)
            {
                DestroyAll(session, key, CKO.CKO_PRIVATE_KEY);
                DestroyAll(session, key, CKO.CKO_PUBLIC_KEY);
            }

            isTried = true;
        }
    }

    /// <summary>
    /// Makes a key that its caller has no name for, each attempt under a name of its own. An attempt that failed may have made one all the same: its answer was lost, or the session
    /// before the public key was read. Nobody would ever learn that name, so what bears it is destroyed at once.
    /// </summary>
    private T Make<T>(SessionLease lease, Func<Session, byte[], T> make)
    {
        Stack<KeyReference> failed = [];
        try
        {
            return lease.Run(session =>
            {
                byte[] id = RandomSource.GetBytes(IdLength);
                failed.Push(KeyHandles.NameOf(id));
                T made = make(session, id);
                failed.Pop();
                return made;
            });
        }
        finally
        {
            foreach (KeyReference name in failed)
            {
                TryDestroy(lease, name);
            }
        }
    }

    private SigningKey GeneratePair(
        Session session, KeyAlgorithm algorithm, byte[] id, Func<KeyAlgorithm, byte[], Template> publicHalfOf, Func<KeyAlgorithm, byte[], Template> privateHalfOf)
    {
        using Template publicHalf = publicHalfOf(algorithm, id);
        using Template privateHalf = privateHalfOf(algorithm, id);
        int login = token.Login.Count;
        (ulong publicHandle, ulong privateHandle) = session.GenerateKeyPair(Mechanisms.GeneratePair(algorithm), publicHalf, privateHalf);
        (KeyAlgorithm made, byte[] subjectPublicKeyInfo) = PublicKeys.Read(session, publicHandle);
        if (made != algorithm)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, $"PKCS#11: the HSM made a {made} key where {algorithm} was asked for.");
        }

        return Named(id, algorithm, subjectPublicKeyInfo, publicHandle, privateHandle, login);
    }

    private SigningKey Named(byte[] id, KeyAlgorithm algorithm, byte[] subjectPublicKeyInfo, ulong publicHandle, ulong privateHandle, int login)
    {
        KeyReference name = KeyHandles.NameOf(id);
        token.Keys.Remember(name, CKO.CKO_PRIVATE_KEY, privateHandle, login);
        token.Keys.Remember(name, CKO.CKO_PUBLIC_KEY, publicHandle, login);
        return new SigningKey(name, algorithm, subjectPublicKeyInfo);
    }

    /// <summary>What an HSM that is away keeps for now is found by comparing HSM and table.</summary>
    private void TryDestroy(SessionLease lease, KeyReference key)
    {
        try
        {
            Destroy(lease, key);
        }
        catch (Exception failure) when (failure is CkException or KeyBackendException)
        {
            // Told by the failure that led here.
        }
    }

    private bool DestroyAll(Session session, KeyReference key, CKO kind)
    {
        while (token.Keys.Search(session, key, kind) is [ulong first, ..])
        {
            session.DestroyObject(first);
        }

        return true;
    }
}
