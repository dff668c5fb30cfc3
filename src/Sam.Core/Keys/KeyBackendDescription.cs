using Sam.Core.Algorithms;

namespace Sam.Core.Keys;

/// <summary>What a backend says of itself. What is missing here is a declared gap; the shared suite holds the backend to the rest.</summary>
/// <param name="Name">Shown to operators: <c>pkcs11</c>, <c>managed-hsm</c>.</param>
/// <param name="KeyAlgorithms">The kinds of keys it generates.</param>
/// <param name="SignatureAlgorithms">The signatures it makes.</param>
public sealed record KeyBackendDescription(
    string Name,
    IReadOnlyList<KeyAlgorithm> KeyAlgorithms,
    IReadOnlyList<SignatureAlgorithm> SignatureAlgorithms)
{
    /// <summary>Capabilities whose interface the backend has, because another HSM of its kind has them, and this one has not: it refuses them without being asked.</summary>
    public KeyBackendCapabilities Missing { get; init; }
}
