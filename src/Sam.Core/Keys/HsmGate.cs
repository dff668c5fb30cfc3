namespace Sam.Core.Keys;

/// <summary>
/// Refuses what the HSM could not sign soon, before it is spent (security decision 7): behind it, a request that waits too long for the HSM has lost its SAD.
/// It counts digests and not requests, because that is what an HSM's time goes into, and only digests that the signer authorized: a client that may not sign
/// cannot fill it for the others.
/// </summary>
internal sealed class HsmGate
{
    private readonly int _capacity;
    private int _inHand;

    /// <param name="capacity">How many digests may be in hand before the next request is refused.</param>
    internal HsmGate(int capacity) => _capacity = capacity;

    /// <summary>Whether a request would be refused now. Asked first, so that what comes under load costs no reading.</summary>
    internal bool IsFull => Volatile.Read(ref _inHand) >= _capacity;

    /// <summary>Room for one request, which takes it once its digests are known to be authorized. To be disposed when they are signed, or will not be.</summary>
    internal Place NewPlace() => new(this);

    /// <summary>One request's share of the gate.</summary>
    internal sealed class Place(HsmGate gate) : IDisposable
    {
        private int _taken;

        /// <summary>
        /// Takes room for these digests, once; false when the gate is full. The last request that comes in may be larger than what is left:
        /// a large batch that had to wait for an empty gate would never come in under load.
        /// </summary>
        internal bool TryTake(int digests)
        {
            int inHand;
            do
            {
                inHand = Volatile.Read(ref gate._inHand);
                if (inHand >= gate._capacity)
                {
                    return false;
                }
            }
            while (Interlocked.CompareExchange(ref gate._inHand, inHand + digests, inHand) != inHand);

            _taken = digests;
            return true;
        }

        public void Dispose() => _ = Interlocked.Add(ref gate._inHand, -Interlocked.Exchange(ref _taken, 0));
    }
}
