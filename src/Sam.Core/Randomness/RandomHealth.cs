using System.Numerics;
using System.Runtime.InteropServices;

namespace Sam.Core.Randomness;

/// <summary>
/// Looks at random bytes as they come, and says when they are none (SYS-2; security decision 27). The tests are those of NIST SP 800-90B section 4.4 (repetition count, adaptive
/// proportion) for samples of a byte with 8 bits of entropy each, and two more for what they overlook: one side of the coin, and blocks that come again.
/// </summary>
/// <remarks>
/// The cut-offs are such that a good source is called bad with a probability of at most 2⁻⁶⁰ at each test that ends (a test computes them anew). What is left of a source that passes cannot be
/// known from its bytes: a generator with a known seed passes all of this.
/// </remarks>
internal sealed class RandomHealth
{
    /// <summary>So many equal bytes in a row are too many: 1 + ⌈60 / 8⌉.</summary>
    internal const int RepetitionCutoff = 9;

    /// <summary>Bytes in a window of the adaptive proportion test (SP 800-90B section 4.4.2, for samples that are not binary).</summary>
    internal const int Window = 512;

    /// <summary>So often may its first byte not be in a window.</summary>
    internal const int ProportionCutoff = 26;

    /// <summary>So far may the ones of a window of 8,192 bits not be from their half.</summary>
    internal const int OnesCutoff = 401;

    /// <summary>Bytes of the window in which ones are counted.</summary>
    internal const int OnesWindow = 1024;

    /// <summary>Bytes of a block; sources are asked for whole ones.</summary>
    internal const int BlockSize = 16;

    /// <summary>So many blocks are remembered: one that comes again among them is 2⁻¹¹⁸.</summary>
    internal const int Remembered = 1024;

    private readonly HashSet<UInt128> _known = [];
    private readonly Queue<UInt128> _order = new();
    private int _last = -1;
    private int _row;
    private int _first;
    private int _inWindow;
    private int _same;
    private int _inOnes;
    private int _ones;

    /// <summary>False when these bytes, after those before them, are none of a good source. What follows then says nothing: begin with a new one.</summary>
    /// <param name="bytes">Whole blocks of 16 bytes, as the source gave them.</param>
    internal bool Accepts(ReadOnlySpan<byte> bytes)
    {
        bool good = true;
        foreach (byte sample in bytes)
        {
            good &= !Repeats(sample) & !IsTooFrequent(sample) & !IsLopsided(sample);
        }

        foreach (UInt128 block in MemoryMarshal.Cast<byte, UInt128>(bytes))
        {
            good &= IsNew(block);
        }

        return good;
    }

    private bool Repeats(byte sample)
    {
        _row = sample == _last ? _row + 1 : 1;
        _last = sample;
        return _row >= RepetitionCutoff;
    }

    private bool IsTooFrequent(byte sample)
    {
        if (_inWindow == 0)
        {
            _first = sample;
            _same = 0;
        }

        _same += sample == _first ? 1 : 0;
        _inWindow = (_inWindow + 1) % Window;
        return _same >= ProportionCutoff;
    }

    private bool IsLopsided(byte sample)
    {
        _ones += BitOperations.PopCount(sample);
        if (++_inOnes < OnesWindow)
        {
            return false;
        }

        int ones = _ones;
        (_ones, _inOnes) = (0, 0);
        return Math.Abs(ones - (OnesWindow * 4)) >= OnesCutoff;
    }

    private bool IsNew(UInt128 block)
    {
        if (!_known.Add(block))
        {
            return false;
        }

        _order.Enqueue(block);
        if (_order.Count > Remembered)
        {
            _ = _known.Remove(_order.Dequeue());
        }

        return true;
    }
}
