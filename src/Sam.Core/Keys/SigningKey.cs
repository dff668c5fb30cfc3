using Sam.Core.Algorithms;

namespace Sam.Core.Keys;

/// <summary>A signing key in the HSM, with the public half that its certificate carries.</summary>
/// <param name="Reference">The key's name inside the HSM.</param>
/// <param name="Algorithm">Its kind.</param>
/// <param name="SubjectPublicKeyInfo">The public key, DER (RFC 5280 section 4.1).</param>
public sealed record SigningKey(KeyReference Reference, KeyAlgorithm Algorithm, ReadOnlyMemory<byte> SubjectPublicKeyInfo);
