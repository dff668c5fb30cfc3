using System.Collections.Concurrent;
using Sam.Core.Keys;
using Sam.KeyBackends.Pkcs11.Native;

namespace Sam.KeyBackends.Pkcs11.Sessions;

/// <summary>
/// Bounds the calls that are inside the HSM, and reuses their sessions. A place is taken by a call until the call itself returns,
/// however long ago its caller went away: so a hanging HSM holds at most this many sessions and threads, and later callers are told at the deadline.
/// </summary>
#pragma warning disable CA1001 // A SemaphoreSlim whose wait handle nobody asks for holds nothing, and a late call still releases its place after the end.
internal sealed class SessionPool
#pragma warning restore CA1001
{
    private readonly Token _token;
    private readonly int _size;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentStack<Session> _idle = [];
    private volatile bool _stopped;

    internal SessionPool(Token token, int size, TimeProvider time)
    {
        _token = token;
        _size = size;
        _time = time;
        _places = new SemaphoreSlim(size);
        HangingCalls.MakeRoom(size);
    }

    /// <summary>
    /// Runs a call with a session. The token cancels the wait for a place and for a thread: a call inside the HSM is not taken back.
    /// </summary>
    /// <param name="timeout">For the wait and the call together.</param>
    /// <param name="call">Runs on a thread of the runtime's pool.</param>
    /// <param name="undo">Runs after a call that succeeded when its caller had been told of a timeout already; by <see cref="SessionLease.RunToEnd"/>.</param>
    /// <param name="cancellationToken">Of the waits.</param>
    internal async Task<T> RunAsync<T>(TimeSpan timeout, Func<SessionLease, T> call, Action<SessionLease, T>? undo, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stopped, this);
        using CancellationTokenSource deadline = new(timeout, _time);
        await TakePlaceAsync(deadline.Token, cancellationToken);
        return await CallAsync(timeout, call, undo, deadline, cancellationToken);
    }

    /// <summary>Runs a call if a session is free, and does nothing if none is: for who helps with what goes on without them, too.</summary>
    /// <param name="timeout">For the call.</param>
    /// <param name="call">As <see cref="RunAsync"/>.</param>
    internal async Task TryRunAsync<T>(TimeSpan timeout, Func<SessionLease, T> call)
    {
        if (!_stopped && _places.Wait(0, CancellationToken.None))
        {
            using CancellationTokenSource deadline = new(timeout, _time);
            _ = await CallAsync(timeout, call, undo: null, deadline, CancellationToken.None);
        }
    }

    /// <summary>In a place that was taken.</summary>
    private async Task<T> CallAsync<T>(TimeSpan timeout, Func<SessionLease, T> call, Action<SessionLease, T>? undo, CancellationTokenSource deadline, CancellationToken cancellationToken)
    {
        PendingCall<T> pending = new();
        using CancellationTokenRegistration giveUp = deadline.Token.Register(() => pending.GiveUp(timeout));

        // To this thread's own queue: it comes next here, as soon as this thread waits, and nobody needs to be woken for it.
        _ = ThreadPool.UnsafeQueueUserWorkItem(_ => Serve(pending, call, undo, cancellationToken), state: 0, preferLocal: true);
        return await pending.Outcome;
    }

    /// <summary>Takes no more calls and closes the sessions. False if a call is still inside the HSM at the deadline.</summary>
    internal async Task<bool> StopAsync(TimeSpan timeout)
    {
        _stopped = true;
        using CancellationTokenSource deadline = new(timeout, _time);
        try
        {
            for (int i = 0; i < _size; i++)
            {
                await _places.WaitAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        HangingCalls.GiveRoomBack(_size);
        while (_idle.TryPop(out Session? session))
        {
            session.Close();
        }

        return true;
    }

    private async Task TakePlaceAsync(CancellationToken deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_places.Wait(0, CancellationToken.None))
        {
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline, cancellationToken);
        try
        {
            await _places.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeyBackendException(KeyBackendFailure.Unavailable, $"PKCS#11: all {_size} sessions stayed in use; nothing was handed to the HSM.");
        }
    }

    private void Serve<T>(PendingCall<T> pending, Func<SessionLease, T> call, Action<SessionLease, T>? undo, CancellationToken cancellationToken)
    {
        SessionLease lease = new(_token, _idle, () => pending.IsAbandoned);
        Action? tell = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            T result = call(lease);
            if (pending.TryClaim())
            {
                tell = () => pending.Succeed(result);
            }
            else if (undo is not null)
            {
                undo(lease, result);
            }
        }
#pragma warning disable CA1031 // The caller awaits every failure, and this thread must live on for other callers.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (pending.TryClaim())
            {
                tell = () => pending.Fail(failure is CkException known ? Failures.ToKeyBackendException(known) : failure);
            }
        }

        // The place is free before the caller knows of it: who calls again at once finds the same session.
        lease.Return();
        _places.Release();
        tell?.Invoke();
    }
}
