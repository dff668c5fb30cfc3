using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm;

/// <summary>What a failed attempt means.</summary>
/// <param name="Kind">What the caller is told, if it ends with this attempt.</param>
/// <param name="MayRepeat">Whether the same request may be sent again.</param>
/// <param name="IsDown">Whether it speaks of the HSM and not of the request: the circuit counts it.</param>
internal readonly record struct Verdict(KeyBackendFailure Kind, bool MayRepeat, bool IsDown);
