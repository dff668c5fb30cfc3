namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>
/// Opens after four failures in a row, so that a dead HSM costs its callers nothing: they are answered at once. After three seconds one attempt may probe; it closes the
/// circuit or opens it for three seconds more.
/// </summary>
/// <remarks>
/// In a row means one after the other: attempts that were under way together when one failed are lost by one and the same event and count once. Otherwise thirty-two
/// connections that a restarting server drops would shut the HSM out for all.
/// </remarks>
internal sealed class Circuit
{
    private const int FailuresToOpen = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _entered;
    private long _countedUpTo;
    private int _failures;
    private bool _open;
    private bool _probing;
    private long _openedAt;

    internal Circuit(TimeProvider time) => _time = time;

    /// <summary>Lets an attempt pass; null while the circuit is open.</summary>
    internal Passage? TryEnter()
    {
        lock (_lock)
        {
            bool probe = _open && !_probing && _time.GetElapsedTime(_openedAt) >= _pause;
            if (_open && !probe)
            {
                return null;
            }

            _probing |= probe;
            return new Passage(probe, ++_entered);
        }
    }

    /// <summary>The HSM has answered, whatever it said.</summary>
    internal void Answered()
    {
        lock (_lock)
        {
            (_open, _probing, _failures) = (false, false, 0);
        }
    }

    /// <summary>The HSM has not answered, or says that it cannot.</summary>
    internal void Failed(Passage passage)
    {
        lock (_lock)
        {
            if (passage.IsProbe)
            {
                (_probing, _openedAt) = (false, _time.GetTimestamp());
            }
            else if (!_open && passage.Number > _countedUpTo)
            {
                _countedUpTo = _entered;
                _failures++;
                (_open, _openedAt) = (_failures >= FailuresToOpen, _time.GetTimestamp());
            }
        }
    }

    /// <summary>The attempt ended without telling anything of the HSM.</summary>
    internal void Left(Passage passage)
    {
        lock (_lock)
        {
            _probing &= !passage.IsProbe;
        }
    }

    /// <summary>An attempt that was let pass.</summary>
    internal readonly record struct Passage(bool IsProbe, long Number);
}
