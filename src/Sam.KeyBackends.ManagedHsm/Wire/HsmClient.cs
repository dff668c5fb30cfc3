using Azure.Core;
using Azure.Identity;
using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>
/// Sends a call to one HSM until it is answered, at most three times, within its operation's time, through a bounded number of places and a circuit. A call is never changed
/// between its attempts, so a digest that was perhaps signed is only ever signed again.
/// </summary>
internal sealed class HsmClient : IDisposable
{
    private const int MaxAttempts = 3;

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(100);

    private readonly HsmPipeline _pipeline;
    private readonly SemaphoreSlim _places;
    private readonly Circuit _circuit;
    private readonly string _hsm;
    private readonly ManagedHsmOptions _options;
    private readonly TimeProvider _time;

    internal HsmClient(ManagedHsmPoolOptions pool, TokenCredential credential, ManagedHsmOptions options, TimeProvider time)
    {
        _hsm = pool.Name is null ? "Managed HSM" : $"Managed HSM '{pool.Name}'";
        _options = options;
        _time = time;
        _pipeline = new HsmPipeline(pool, credential, options);
        _places = new SemaphoreSlim(options.MaxConcurrentCalls);
        _circuit = new Circuit(time);
    }

    internal Operation Begin(CancellationToken cancellationToken) => new(_options.OperationTimeout, _time, cancellationToken);

    /// <param name="call">What is sent.</param>
    /// <param name="read">Reads the answer's result; null for an answer that is broken.</param>
    /// <param name="operation">What it belongs to.</param>
    /// <exception cref="OperationCanceledException">Taken back before anything was sent.</exception>
    /// <exception cref="KeyBackendException">As <see cref="Failures"/> has it.</exception>
    internal async Task<T> CallAsync<T>(HsmCall call, Func<HsmAnswer, T?> read, Operation operation)
        where T : class
    {
        try
        {
            await WaitAsync(() => _places.WaitAsync(operation.Stop), call, operation);
            try
            {
                return await RepeatAsync(call, read, operation);
            }
            finally
            {
                _places.Release();
            }
        }
        catch
        {
            operation.Fail();
            throw;
        }
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _places.Dispose();
    }

    private async Task<T> RepeatAsync<T>(HsmCall call, Func<HsmAnswer, T?> read, Operation operation)
        where T : class
    {
        for (int attempt = 1; ; attempt++)
        {
            (T? result, Failure? failure) = await AttemptAsync(call, read, operation);
            if (failure is null)
            {
                return result!;
            }

            // Waiting for what will not come in time helps nobody: a person is waiting.
            TimeSpan pause = failure.RetryAfter > _firstPause ? failure.RetryAfter.Value : _firstPause * attempt;
            if (!failure.Verdict.MayRepeat || attempt == MaxAttempts || operation.HasFailed || pause >= operation.Left)
            {
                throw new KeyBackendException(failure.Verdict.Kind, $"{_hsm}: {call.What}, attempt {attempt}: {failure.What}.", failure.Cause);
            }

            await WaitAsync(() => Task.Delay(pause, _time, operation.Stop), call, operation);
        }
    }

    private async Task<(T? Result, Failure? Failure)> AttemptAsync<T>(HsmCall call, Func<HsmAnswer, T?> read, Operation operation)
        where T : class
    {
        // A check asks always, and tells of reading alone: an HSM that answers it and uses no key must not look alive, nor one that refuses it dead.
        Circuit circuit = call.IsCheck ? new Circuit(_time) : _circuit;
        if (circuit.TryEnter() is not { } passage)
        {
            throw new KeyBackendException(KeyBackendFailure.Unavailable, $"{_hsm}: {call.What}: it has not answered for a while and is left alone for some seconds.");
        }

        using CancellationTokenSource attempt = new(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration stop = operation.Stop.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), attempt);
        HsmAnswer answer;
        try
        {
            answer = await _pipeline.SendAsync(call, operation, attempt);
        }
        catch (KeyBackendException)
        {
            // The server's challenge was refused: of the HSM this says nothing.
            circuit.Left(passage);
            throw;
        }
        catch (AuthenticationFailedException failure)
        {
            circuit.Left(passage);
            return (null, new Failure(Failures.NoToken, "no access token", failure));
        }
#pragma warning disable CA1031 // Transport and credential throw what they like: whatever it is, there was no answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (operation.IsTakenBack)
            {
                circuit.Left(passage);
                throw TakenBack(failure);
            }

            circuit.Failed(passage);
            return attempt.IsCancellationRequested && operation.IsSent
                ? (null, new Failure(Failures.NoAnswerInTime, "no answer in time; it may have been carried out", failure))
                : (null, new Failure(Failures.NoAnswer, "no answer", failure));
        }

        return Judge(answer, read, circuit, passage);
    }

    private static (T? Result, Failure? Failure) Judge<T>(HsmAnswer answer, Func<HsmAnswer, T?> read, Circuit circuit, Circuit.Passage passage)
        where T : class
    {
        Failure? failure = null;
        T? result = null;
        try
        {
            if (answer.Status != 200)
            {
                (string? code, string? innerCode) = answer.ReadError();
                failure = new Failure(Failures.Judge(answer.Status, code, innerCode), Failures.Describe(answer.Status, code, innerCode), RetryAfter: answer.RetryAfter);
            }
            else if ((result = read(answer)) is null)
            {
                failure = new Failure(Failures.BrokenAnswer, "a broken answer");
            }
        }
        finally
        {
            answer.Clear();
        }

        if (failure is { Verdict.IsDown: true })
        {
            circuit.Failed(passage);
        }
        else
        {
            circuit.Answered();
        }

        return (result, failure);
    }

    private async Task WaitAsync(Func<Task> wait, HsmCall call, Operation operation)
    {
        try
        {
            await wait();
        }
        catch (OperationCanceledException ended)
        {
            throw operation.IsTakenBack ? TakenBack(ended)
                : operation.IsSent ? new KeyBackendException(KeyBackendFailure.TimedOut, $"{_hsm}: {call.What}: the operation's time is over; it may have been carried out.")
                : new KeyBackendException(KeyBackendFailure.Unavailable, $"{_hsm}: {call.What}: all places stayed in use; nothing was handed to the HSM.");
        }
    }

    private static OperationCanceledException TakenBack(Exception cause) => new("The call was taken back before anything was sent to the HSM.", cause);

    private sealed record Failure(Verdict Verdict, string What, Exception? Cause = null, TimeSpan? RetryAfter = null);
}
