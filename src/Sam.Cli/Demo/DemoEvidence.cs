namespace Sam.Cli.Demo;

/// <summary>What one key leaves in the folder.</summary>
/// <param name="Key">The kind of key; the names of its files begin with it.</param>
/// <param name="Certificate">DER.</param>
/// <param name="Signature">RSA: the modulus' length. ECDSA: DER, as openssl wants it.</param>
internal sealed record DemoEvidence(string Key, byte[] Certificate, byte[] Signature);
