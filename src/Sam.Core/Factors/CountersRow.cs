namespace Sam.Core.Factors;

/// <summary>A signer's counters. They stand in a row of their own, so that counting does not change the state row that live SADs are bound to.</summary>
/// <param name="Version">Rises by one with every write: what <see cref="CounterFloor"/> compares.</param>
/// <param name="PinAttempts">Attempts reserved and not refunded: wrong ones, and those being evaluated now.</param>
/// <param name="PinAttemptsEver">The same over the PIN's whole life; unlocking leaves it.</param>
internal sealed record CountersRow(long Version, int PinAttempts, int PinAttemptsEver);
