using System.Runtime.InteropServices;
using Sam.Api.Composition;
using Sam.Core.Values;

namespace Sam.Api.Pipeline;

/// <summary>
/// Refuses what cannot be served soon, before it costs anything (security decision 7). No queue: a queue in front of an HSM only makes everybody late.
/// One caller takes a quarter of the places at most, and some are kept for what must not wait: stops, and privileged users who show a proof.
/// </summary>
internal sealed class OverloadGate
{
    private readonly Places _authorizing;
    private readonly Places _signing;
    private readonly Places _administering;

    internal OverloadGate(GateOptions options)
    {
        _authorizing = new Places(options.MaxAuthorizing, hasUrgent: true);
        _signing = new Places(options.MaxSigning, hasUrgent: false);
        _administering = new Places(options.MaxAdministering, hasUrgent: true);
    }

    /// <summary>A place, to be disposed when the request is done; null when there is none for this caller.</summary>
    /// <param name="gate">Which gate.</param>
    /// <param name="caller">Who asks; null for a route that asks nobody's name.</param>
    /// <param name="isUrgent">Whether the places that are kept may be taken.</param>
    internal IDisposable? TryEnter(RouteGate gate, Caller? caller, bool isUrgent) => gate switch
    {
        // A client's own token speaks for all of its users: it is bounded like one caller where none of them asks for a signature.
        RouteGate.Authorizing => _authorizing.TryTake(caller?.Login is null ? null : caller, isUrgent),
        RouteGate.Signing => _signing.TryTake(caller?.Login is null ? null : caller, isUrgent),
        RouteGate.Administering => _administering.TryTake(caller, isUrgent),
        _ => Free.Instance,
    };

    private sealed class Places
    {
        private const int LeastPerCaller = 2;

        private readonly Lock _lock = new();
        private readonly Dictionary<(ClientId Client, LoginName? Login), int> _taken = [];
        private readonly int _count;
        private readonly int _kept;
        private readonly int _perCaller;
        private int _under;

        internal Places(int count, bool hasUrgent)
        {
            _count = count;
            _perCaller = Math.Max(LeastPerCaller, count / 4);

            // More than one caller can take, or one login would be enough to keep all stops out.
            _kept = hasUrgent ? count * 3 / 8 : 0;
        }

        internal IDisposable? TryTake(Caller? caller, bool isUrgent)
        {
            (ClientId, LoginName?)? who = caller is null ? null : (caller.Client, caller.Login);
            lock (_lock)
            {
                int own = who is { } known ? _taken.GetValueOrDefault(known) : 0;
                if (_under >= (isUrgent ? _count : _count - _kept) || own >= _perCaller)
                {
                    return null;
                }

                _under++;
                if (who is { } taker)
                {
                    _taken[taker] = own + 1;
                }
            }

            return new Place(this, who);
        }

        private void Give((ClientId, LoginName?)? who)
        {
            lock (_lock)
            {
                _under--;
                if (who is { } giver && --CollectionsMarshal.GetValueRefOrNullRef(_taken, giver) == 0)
                {
                    _ = _taken.Remove(giver);
                }
            }
        }

        private sealed class Place(Places places, (ClientId, LoginName?)? who) : IDisposable
        {
            private bool _given;

            public void Dispose()
            {
                if (!Interlocked.Exchange(ref _given, true))
                {
                    places.Give(who);
                }
            }
        }
    }

    private sealed class Free : IDisposable
    {
        internal static Free Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
