using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>What a signer enrols with one code.</summary>
/// <param name="Pin">Their new PIN; null to keep the one they have.</param>
/// <param name="Device">A device; null for none.</param>
public sealed record NewFactors(SecretText? Pin, NewDevice? Device);
