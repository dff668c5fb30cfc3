namespace Sam.Core.Keys;

/// <summary>What an HSM says of a key, signed by it. The blobs are as the HSM's maker defines them; its validator reads them, and this SAM does not.</summary>
/// <param name="Version">The version of the format, as the HSM names it.</param>
/// <param name="Certificates">The chain up to the maker, PEM.</param>
/// <param name="PrivateKey">What is said of the private or secret key.</param>
/// <param name="PublicKey">What is said of the public key; null for secret keys.</param>
public sealed record KeyAttestation(string Version, ReadOnlyMemory<byte> Certificates, ReadOnlyMemory<byte> PrivateKey, ReadOnlyMemory<byte>? PublicKey);
