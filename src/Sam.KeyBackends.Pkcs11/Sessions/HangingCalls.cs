namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>
/// A hanging HSM holds the threads that called it, and must not hold the process: the thread pool, which makes a thread beyond its minimum only every half second or so,
/// gets a minimum that leaves the others theirs. (Threads of our own instead cost two changes of thread per call: a fifth of a signature's CPU.)
/// </summary>
internal static class HangingCalls
{
    private static readonly Lock _counting = new();
    private static int _calls;
    private static int _ownMinimum;

    /// <summary>For this many calls more that may hang at the same time.</summary>
    internal static void MakeRoom(int calls) => Count(calls);

    /// <summary>For calls that cannot hang any more.</summary>
    internal static void GiveRoomBack(int calls) => Count(-calls);

    private static void Count(int calls)
    {
        lock (_counting)
        {
            ThreadPool.GetMinThreads(out int workers, out int ports);
            if (_calls == 0)
            {
                _ownMinimum = workers;
            }

            _calls += calls;
            _ = ThreadPool.SetMinThreads(_ownMinimum + _calls, ports);
        }
    }
}
