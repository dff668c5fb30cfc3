namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>
/// One call of the SAM, with all digests and attempts that belong to it: its deadline, and the moment after which its caller cannot take it back.
/// The caller's token ends it while nothing has reached the HSM. Once a first request's bytes go out, the token means nothing any more.
/// </summary>
internal sealed class Operation : IDisposable
{
    private const int NothingSent = 0;
    private const int Sent = 1;
    private const int TakenBack = 2;

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _caller;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly long _start;
    private int _state = NothingSent;
    private int _failed;

    internal Operation(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        _time = time;
        _start = time.GetTimestamp();
        _stop = new CancellationTokenSource(timeout, time);
        _caller = cancellationToken.UnsafeRegister(static operation => ((Operation)operation!).TakeBack(), this);
    }

    /// <summary>Ends waits and attempts: at the deadline, or when the call was taken back.</summary>
    internal CancellationToken Stop => _stop.Token;

    /// <summary>The caller has given up, and the HSM never heard of it.</summary>
    internal bool IsTakenBack => Volatile.Read(ref _state) == TakenBack;

    /// <summary>Bytes of it have gone out.</summary>
    internal bool IsSent => Volatile.Read(ref _state) == Sent;

    /// <summary>A digest of it has failed for good: its others are not handed over any more, since none of the signatures will be released.</summary>
    internal bool HasFailed => Volatile.Read(ref _failed) != 0;

    internal TimeSpan Left => _timeout - _time.GetElapsedTime(_start);

    /// <summary>Asked before the first byte of each request: false when the call was taken back.</summary>
    internal bool TryHandOver() => Interlocked.CompareExchange(ref _state, Sent, NothingSent) != TakenBack;

    internal void Fail() => Volatile.Write(ref _failed, 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        _caller.Dispose();
        _stop.Dispose();
    }

    private void TakeBack()
    {
        if (Interlocked.CompareExchange(ref _state, TakenBack, NothingSent) == NothingSent)
        {
            _stop.Cancel();
        }
    }
}
