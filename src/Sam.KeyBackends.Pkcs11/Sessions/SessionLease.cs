using System.Collections.Concurrent;
using Net.Pkcs11Interop.Common;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>
/// A session for one operation. A failed call is repaired and repeated as the table in <see cref="Failures"/> says, each repair once, a search some times;
/// a session on which anything failed is closed and not used again, because what it still has in hand is unknown.
/// </summary>
internal sealed class SessionLease
{
    // A key that is being destroyed is found for as long as that takes, and cannot be used any more.
    private const int MaxSearches = 4;

    private readonly Token _token;
    private readonly ConcurrentStack<Session> _idle;
    private readonly Func<bool> _isAbandoned;
    private Session? _session;

    internal SessionLease(Token token, ConcurrentStack<Session> idle, Func<bool> isAbandoned)
    {
        _token = token;
        _idle = idle;
        _isAbandoned = isAbandoned;
        idle.TryPop(out _session);
    }

    internal T Run<T>(Func<Session, T> call) => Attempt(call, forgetKey: null);

    /// <summary>For what makes the HSM forget: it goes on when the caller has gone, since nobody else will come back for it.</summary>
    internal T RunToEnd<T>(Func<Session, T> call) => Attempt(call, forgetKey: null, evenIfAbandoned: true);

    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>.</exception>
    internal T RunWithKey<T>(KeyReference key, CKO kind, Func<Session, ulong, T> call) =>
        Attempt(session => call(session, _token.Keys.HandleOf(session, key, kind)), () => _token.Keys.Forget(key, kind));

    internal void Return()
    {
        if (_session is null)
        {
            return;
        }

        // A call that came back late has shown a session that may hang again.
        if (_isAbandoned())
        {
            _session.Close();
        }
        else
        {
            _idle.Push(_session);
        }
    }

    private T Attempt<T>(Func<Session, T> call, Action? forgetKey, bool evenIfAbandoned = false)
    {
        Repair tried = Repair.None;
        int searches = 0;
        while (true)
        {
            // Also between the digests of a batch: no further digest is handed over for a caller who has gone.
            if (!evenIfAbandoned && _isAbandoned())
            {
                throw new KeyBackendException(KeyBackendFailure.TimedOut, "PKCS#11: given up.");
            }

            try
            {
                return call(_session ??= _token.OpenSession());
            }
            catch (CkException failure)
            {
                DropSession(failure.Code);
                Repair repair = Failures.RepairOf(failure);
                bool again = repair == Repair.FindKeyAgain ? searches++ < MaxSearches : !tried.HasFlag(repair);
                if (repair == Repair.None || !again)
                {
                    throw;
                }

                tried |= repair;
                Mend(repair, forgetKey);
            }
        }
    }

    private void Mend(Repair repair, Action? forgetKey)
    {
        if (repair == Repair.Login)
        {
            _token.Login.Restore();
        }
        else if (repair == Repair.FindKeyAgain)
        {
            forgetKey?.Invoke();
        }
    }

    private void DropSession(CKR code)
    {
        if (!Failures.IsLostSession(code))
        {
            _session?.Close();
        }

        _session = null;
    }
}
