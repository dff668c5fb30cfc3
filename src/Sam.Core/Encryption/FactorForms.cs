namespace Sam.Core.Encryption;

/// <summary>In which forms an application may hand on a credential's PIN and one-time password.</summary>
/// <param name="Bare">As they are.</param>
/// <param name="Encrypted">As a JWE that the signer's page made.</param>
public readonly record struct FactorForms(bool Bare, bool Encrypted);
