using Sam.Core.Algorithms;

namespace Sam.Core.Credentials;

/// <summary>Which keys signers get: section <c>Sam:Keys</c>.</summary>
public sealed class KeyPolicy
{
    /// <summary>The kinds of keys that are made, by name. RSA with 2048 bits is none of them unless it is named: it is advised until 2030 only.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = ["rsa3072", "rsa4096", "p256", "p384", "p521"];

    internal bool Allows(KeyAlgorithm algorithm) => Algorithms.Contains(algorithm.Name);

    /// <summary>The name of a setting that is out of its bounds, and its bounds; null if all are well.</summary>
    internal string? FindFault() =>
        Algorithms.Count == 0 || Algorithms.Any(name => !KeyAlgorithm.TryFromName(name, out _)) ? "Keys:Algorithms names one or more of rsa2048, rsa3072, rsa4096, p256, p384, p521." : null;
}
