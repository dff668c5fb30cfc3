namespace Sam.KeyBackends.ManagedHsm.Management;

/// <summary>A key to be made, in the words of the REST API. It is enabled, not exportable, and its public exponent is the service's 65537.</summary>
/// <param name="Name">Its name, which no key has yet.</param>
/// <param name="KeyType"><c>RSA-HSM</c>, <c>EC-HSM</c> or <c>oct-HSM</c>: protected by the HSM, always.</param>
/// <param name="SizeInBits">The size of RSA and AES keys; null for curves.</param>
/// <param name="Curve"><c>P-256</c>, <c>P-384</c> or <c>P-521</c>; null for RSA and AES keys.</param>
/// <param name="Operations">All it may be used for (<c>key_ops</c>).</param>
public sealed record KeyCreation(string Name, string KeyType, int? SizeInBits, string? Curve, IReadOnlyList<string> Operations);
