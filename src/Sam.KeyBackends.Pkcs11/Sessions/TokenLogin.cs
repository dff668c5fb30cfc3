using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>
/// The login of this application at the token. It belongs to the application and ends with its last session;
/// so one session is kept for it alone, and the others come and go without a login of their own.
/// </summary>
internal sealed class TokenLogin
{
    private readonly Func<Session> _openSession;
    private readonly string _tokenLabel;
    private readonly byte[] _pin;
    private readonly PinHistory _history;
    private Session? _keeper;

    internal TokenLogin(Func<Session> openSession, PinHistory history, string tokenLabel, byte[] pin)
    {
        _openSession = openSession;
        _history = history;
        _tokenLabel = tokenLabel;
        _pin = pin;
    }

    /// <summary>Changes with every login of this process, whichever backend asked for it; odd while one is under way.</summary>
    internal int Turns => _history.Turns;

    /// <summary>Which login of this process this is: handles of another one mean nothing.</summary>
    internal int Count => _history.Logins;

    /// <summary>Logs in, unless another thread has just done so.</summary>
    /// <exception cref="KeyBackendException">The PIN is refused, or was before.</exception>
    internal void Restore()
    {
        lock (_history.Gate)
        {
            if (KeeperIsLoggedIn())
            {
                return;
            }

            Session keeper = _openSession();
            try
            {
                LogIn(keeper);
            }
            catch
            {
                keeper.Close();
                throw;
            }

            _keeper?.Close();
            _keeper = keeper;
        }
    }

    /// <summary>
    /// Searches private objects. A session that has lost its login does not see them: that is no proof of their absence, and neither is a search that another
    /// thread's login overtook, or is about to have overtaken.
    /// </summary>
    /// <exception cref="CkException">Nothing was found by a search that could not be sure of it.</exception>
    internal ulong[] Search(Session session, Template template, int max)
    {
        int turns = Turns;
        ulong[] found = session.Find(template, max);
        return found.Length == 0 && (!session.IsLoggedIn || turns % 2 != 0 || Turns != turns)
            ? throw new CkException("C_FindObjects", CKR.CKR_USER_NOT_LOGGED_IN)
            : found;
    }

    internal void Close()
    {
        lock (_history.Gate)
        {
            _keeper?.Close();
            _keeper = null;
            CryptographicOperations.ZeroMemory(_pin);
        }
    }

    private void LogIn(Session session)
    {
        if (_history.Refused)
        {
            throw Refusal("has refused the PIN before; it is not tried again in this process, because HSMs lock");
        }

        CKR code = _history.WhileLoggingIn(() => session.Login(_pin));
        if (Failures.IsPinRefusal(code))
        {
            _history.Refused = true;
            throw Refusal($"refuses the PIN ({code}); it was tried once and is not tried again in this process, because HSMs lock");
        }

        if (code == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            if (!_history.MayBe(_pin))
            {
                throw Refusal("has this process logged in with another PIN");
            }

            return;
        }

        CkException.ThrowUnlessOk(code, "C_Login");
        _history.Accept(_pin);
    }

    private bool KeeperIsLoggedIn()
    {
        try
        {
            return _keeper?.IsLoggedIn ?? false;
        }
        catch (CkException failure)
        {
            if (Failures.IsLostSession(failure.Code))
            {
                _keeper = null;
            }

            return false;
        }
    }

    private KeyBackendException Refusal(string what) => new(KeyBackendFailure.Rejected, $"PinFile: the token '{_tokenLabel}' {what}.");
}
