using Sam.Core.Randomness;

namespace Sam.Core.Factors;

/// <summary>A signer's counters. They stand in a row of their own, so that counting does not change the state row that live SADs are bound to.</summary>
/// <param name="Version">Rises by one with every write: what <see cref="CounterFloor"/> compares.</param>
/// <param name="PinAttempts">Attempts reserved and not refunded: wrong ones, and those being evaluated now.</param>
/// <param name="PinAttemptsEver">The same over the PIN's whole life; unlocking leaves it.</param>
/// <param name="Mark">Random, of this version alone: two rows of one version are two futures of one past, of which an honest store knows one.</param>
/// <param name="TotpStep">The last step whose one-time password was taken; 0 before the first.</param>
internal sealed record CountersRow(long Version, int PinAttempts, int PinAttemptsEver, string Mark, long TotpStep)
{
    /// <summary>The first one, or the one of a new PIN.</summary>
    internal static CountersRow Fresh(long version, long totpStep = 0) => new(version, 0, 0, NewMark(), totpStep);

    /// <summary>The next one: an attempt more, or one given back.</summary>
    internal CountersRow Next(int attempts) =>
        new(Version + 1, Math.Max(0, PinAttempts + attempts), Math.Max(0, PinAttemptsEver + attempts), NewMark(), TotpStep);

    /// <summary>The next one, with all attempts given back; those of the PIN's whole life stay.</summary>
    internal CountersRow Unlocked() => new(Version + 1, 0, PinAttemptsEver, NewMark(), TotpStep);

    private static string NewMark() => RandomSource.GetHex(8);
}
