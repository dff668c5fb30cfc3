using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>What a signer enrols with one code.</summary>
/// <param name="Pin">Their new PIN; null to keep the one they have.</param>
/// <param name="Device">A device; null for none.</param>
/// <param name="Totp">Whether they get a new secret for an authenticator app, in place of the one they have.</param>
public sealed record NewFactors(SecretText? Pin, NewDevice? Device, bool Totp = false);

/// <summary>What came of it.</summary>
/// <param name="Signer">The signer.</param>
/// <param name="TotpUri">What their authenticator app reads (<c>otpauth:</c>), told once; null where none was asked for.</param>
public sealed record Enrolled(SignerId Signer, SecretText? TotpUri);
