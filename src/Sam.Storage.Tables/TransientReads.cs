using Sam.Core.Rows;

namespace Sam.Storage.Tables;

/// <summary>Tries a read up to three times, each time for a bounded time. Writes never come here.</summary>
internal sealed class TransientReads
{
    private const int MaxTries = 3;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    internal TransientReads(TimeSpan timeout, TimeProvider time)
    {
        _timeout = timeout;
        _time = time;
    }

    /// <exception cref="RowStoreException">No answer, or a refusal.</exception>
    internal async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            using CancellationTokenSource timeout = new(_timeout, _time);
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await read(stop.Token);
            }
#pragma warning disable CA1031 // Transport, parser and credential throw what they like: whatever it is, the row could not be read.
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (tries == MaxTries || Answers.IsFinal(failure))
                {
                    throw new RowStoreException("The table service could not be read.", failure);
                }
            }

            await Task.Delay(_pause * tries, _time, cancellationToken);
        }
    }
}
