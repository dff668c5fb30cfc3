using System.Collections.Concurrent;
using Net.Pkcs11Interop.Common;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;
using Sam.KeyBackends.Pkcs11.Sessions;

namespace Sam.KeyBackends.Pkcs11.Objects;

/// <summary>
/// Names (the hex of CKA_ID) and handles. A search costs time with every object of the token, under a lock of the whole HSM;
/// handles of token objects hold for the application, so each is searched once. Bounded by the number of keys in the HSM.
/// </summary>
/// <remarks>
/// Handles of private objects end with the login (PKCS#11 2.40, C_Logout), and a number may then be given to another key. A signature by that one would not pass
/// the guard; a MAC would, and call a right PIN wrong. So a handle counts for the login under which it was found.
/// </remarks>
internal sealed class KeyHandles
{
    private readonly ConcurrentDictionary<(KeyReference Key, CKO Kind), (ulong Handle, int Login)> _handles = [];
    private readonly TokenLogin _login;

    internal KeyHandles(TokenLogin login) => _login = login;

    internal static KeyReference NameOf(byte[] id) => KeyReference.Parse(Convert.ToHexStringLower(id));

    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>, or several keys have this name.</exception>
    internal ulong HandleOf(Session session, KeyReference key, CKO kind)
    {
        int login = _login.Count;
        if (_handles.TryGetValue((key, kind), out (ulong Handle, int Login) known) && known.Login == login)
        {
            return known.Handle;
        }

        ulong[] found = Search(session, key, kind);
        if (found.Length == 0)
        {
            throw new KeyBackendException(KeyBackendFailure.KeyNotFound, $"PKCS#11: there is no {kind} with CKA_ID {key}.");
        }

        if (found.Length > 1)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, $"PKCS#11: more than one {kind} has CKA_ID {key}.");
        }

        Remember(key, kind, found[0], login);
        return found[0];
    }

    /// <summary>Keeps a handle, with the login that was the last one before it was asked for.</summary>
    internal void Remember(KeyReference key, CKO kind, ulong handle, int login) => _handles[(key, kind)] = (handle, login);

    internal void Forget(KeyReference key, CKO kind) => _handles.TryRemove((key, kind), out _);

    /// <summary>
    /// At most two objects of a name. Private ones only, public halves too: without a PIN anybody can put a public object
    /// of any name beside ours, and ours is the one that is not public.
    /// </summary>
    internal ulong[] Search(Session session, KeyReference key, CKO kind)
    {
        if (!TryParse(key, out byte[] id))
        {
            return [];
        }

        using Template template = new()
        {
            { CKA.CKA_CLASS, kind },
            { CKA.CKA_TOKEN, true },
            { CKA.CKA_PRIVATE, true },
            { CKA.CKA_ID, id },
        };
        return _login.Search(session, template, max: 2);
    }

    // One spelling per name: what NameOf does not write is nobody's name.
    private static bool TryParse(KeyReference key, out byte[] id)
    {
        id = [];
        if (key.Value.Length % 2 != 0 || !key.Value.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
        {
            return false;
        }

        id = Convert.FromHexString(key.Value);
        return true;
    }
}
