namespace Sam.KeyBackends.Pkcs11.Native;

/// <summary>
/// Keeps searches away from a token object that is being made, for SoftHSM alone. Measured with 2.6.1: it writes a new object attribute by
/// attribute, a search in another thread re-reads the half-written file (its file locks exclude other processes, not threads), and the key's
/// maker is answered CKR_GENERAL_ERROR or CKR_TEMPLATE_INCONSISTENT. Signing by a known handle does not pass through here.
/// </summary>
#pragma warning disable CA1001 // It lives as long as its module, and a lock that nobody waits for holds nothing.
internal sealed class ObjectGate
#pragma warning restore CA1001
{
    private readonly ReaderWriterLockSlim? _lock;

    internal ObjectGate(string manufacturer) =>
        _lock = manufacturer.StartsWith("SoftHSM", StringComparison.Ordinal) ? new ReaderWriterLockSlim() : null;

    internal T WhileSearching<T>(Func<T> call)
    {
        _lock?.EnterReadLock();
        try
        {
            return call();
        }
        finally
        {
            _lock?.ExitReadLock();
        }
    }

    internal T WhileChanging<T>(Func<T> call)
    {
        _lock?.EnterWriteLock();
        try
        {
            return call();
        }
        finally
        {
            _lock?.ExitWriteLock();
        }
    }
}
