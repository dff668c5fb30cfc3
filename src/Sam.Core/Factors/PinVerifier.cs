namespace Sam.Core.Factors;

/// <summary>What a PIN is checked against: HMAC in the HSM over Argon2id of the PIN. It names everything it was made with.</summary>
/// <param name="PepperKey">The HSM's MAC key.</param>
/// <param name="Salt">16 random bytes.</param>
/// <param name="Cost">Argon2id's cost.</param>
/// <param name="Tag">HMAC-SHA-256, 32 bytes.</param>
internal sealed record PinVerifier(string PepperKey, byte[] Salt, PasswordHashCost Cost, byte[] Tag);
