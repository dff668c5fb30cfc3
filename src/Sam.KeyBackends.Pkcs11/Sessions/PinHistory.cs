using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>
/// What this process knows of a token's PIN, whoever opened the token. HSMs lock after a few wrong PINs, and some wipe themselves:
/// a refused PIN is never tried again in this process.
/// </summary>
internal sealed class PinHistory
{
    private static readonly ConcurrentDictionary<(string ModulePath, string TokenLabel), PinHistory> _tokens = [];

    private byte[]? _acceptedHash;
    private int _turns;
    private int _logins;

    private PinHistory()
    {
    }

    /// <summary>Held during C_Login, so that two logins cannot both try a wrong PIN.</summary>
    internal Lock Gate { get; } = new();

    internal bool Refused { get; set; }

    internal static PinHistory Of(string modulePath, string tokenLabel) => _tokens.GetOrAdd((modulePath, tokenLabel), _ => new PinHistory());

    /// <summary>Twice the number of this process's logins; odd while one is under way, since the HSM knows of it before we do.</summary>
    internal int Turns => Volatile.Read(ref _turns);

    /// <summary>How often the token took the PIN and was not logged in yet.</summary>
    internal int Logins => Volatile.Read(ref _logins);

    internal T WhileLoggingIn<T>(Func<T> call)
    {
        _ = Interlocked.Increment(ref _turns);
        try
        {
            return call();
        }
        finally
        {
            _ = Interlocked.Increment(ref _turns);
        }
    }

    internal void Accept(byte[] pin)
    {
        _acceptedHash = SHA256.HashData(pin);
        _ = Interlocked.Increment(ref _logins);
    }

    /// <summary>
    /// False if this process is logged in with another PIN: the token answers CKR_USER_ALREADY_LOGGED_IN without looking at the PIN,
    /// and a wrong PIN file must not go unnoticed until the next start.
    /// </summary>
    internal bool MayBe(byte[] pin) => _acceptedHash is null || CryptographicOperations.FixedTimeEquals(_acceptedHash, SHA256.HashData(pin));
}
