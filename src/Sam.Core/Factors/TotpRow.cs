namespace Sam.Core.Factors;

/// <summary>A signer's authenticator app. Its secret stands nowhere: the HSM makes it of the salt whenever it is needed, so a stolen table tells no password, nor does a data key.</summary>
/// <param name="Key">The HSM key that makes it.</param>
/// <param name="Salt">Random, 16 bytes.</param>
internal sealed record TotpRow(string Key, byte[] Salt);
