namespace Sam.Core.Keys;

/// <summary>
/// Refuses what the HSM could not sign soon, before anything is read or spent (security decision 7): behind it, a request that waits too long for the HSM has lost its SAD.
/// It counts digests and not requests, because that is what an HSM's time goes into.
/// </summary>
internal sealed class HsmGate
{
    private readonly int _capacity;
    private int _inHand;

    /// <param name="capacity">How many digests may be in hand before the next request is refused.</param>
    internal HsmGate(int capacity) => _capacity = capacity;

    /// <summary>
    /// A place for these digests, to be disposed when they are signed; null when the gate is full. The last request that comes in may be larger than what is left:
    /// a large batch that had to wait for an empty gate would never come in under load.
    /// </summary>
    internal IDisposable? TryEnter(int digests)
    {
        int inHand;
        do
        {
            inHand = Volatile.Read(ref _inHand);
            if (inHand >= _capacity)
            {
                return null;
            }
        }
        while (Interlocked.CompareExchange(ref _inHand, inHand + digests, inHand) != inHand);

        return new Place(this, digests);
    }

    private sealed class Place(HsmGate gate, int digests) : IDisposable
    {
        private int _digests = digests;

        public void Dispose() => _ = Interlocked.Add(ref gate._inHand, -Interlocked.Exchange(ref _digests, 0));
    }
}
