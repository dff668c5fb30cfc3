using System.Collections.Concurrent;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>
/// A fixed number of threads for calls into the module. A hanging HSM then holds these and none of the thread pool,
/// which answers everybody else.
/// </summary>
internal sealed class NativeThreads
{
    private readonly BlockingCollection<Action> _calls = [];

    internal NativeThreads(int count)
    {
        for (int i = 0; i < count; i++)
        {
            new Thread(Serve) { IsBackground = true, Name = $"pkcs11-{i}" }.Start();
        }
    }

    /// <summary>Runs the call, which must not throw, on the next free thread.</summary>
    internal void Run(Action call) => _calls.Add(call);

    /// <summary>Lets the threads end once they have nothing left to do.</summary>
    internal void Stop() => _calls.CompleteAdding();

    private void Serve()
    {
        foreach (Action call in _calls.GetConsumingEnumerable())
        {
            call();
        }
    }
}
