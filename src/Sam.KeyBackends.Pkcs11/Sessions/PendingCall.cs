using Sam.Core.Keys;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>A call into the HSM and its caller, of whom either the answer or the deadline comes first, and only the first counts.</summary>
internal sealed class PendingCall<T>
{
    private const int Nobody = 0;
    private const int Answer = 1;
    private const int Deadline = 2;

    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _first = Nobody;

    internal Task<T> Outcome => _outcome.Task;

    /// <summary>True once the caller has been told that time is up: what has not been handed to the HSM yet must not be any more.</summary>
    internal bool IsAbandoned => Volatile.Read(ref _first) == Deadline;

    internal bool TryClaim() => Interlocked.CompareExchange(ref _first, Answer, Nobody) == Nobody;

    internal void GiveUp(TimeSpan timeout)
    {
        if (Interlocked.CompareExchange(ref _first, Deadline, Nobody) == Nobody)
        {
            _outcome.SetException(new KeyBackendException(
                KeyBackendFailure.TimedOut, $"PKCS#11: no answer within {timeout.TotalSeconds:0.###} s; the call may have been carried out."));
        }
    }

    internal void Succeed(T result) => _outcome.SetResult(result);

    internal void Fail(Exception failure) => _outcome.SetException(failure);
}
