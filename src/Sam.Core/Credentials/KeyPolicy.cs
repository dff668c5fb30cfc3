using Sam.Core.Algorithms;

namespace Sam.Core.Credentials;

/// <summary>Which keys signers get: section <c>Sam:Keys</c>.</summary>
public sealed class KeyPolicy
{
    private static readonly string[] _default = ["rsa3072", "rsa4096", "p256", "p384", "p521"];

    /// <summary>
    /// The kinds of keys that are made, by name. Null: all but RSA with 2048 bits, which is advised until 2030 only and so must be named.
    /// </summary>
    public IReadOnlyList<string>? Algorithms { get; set; }

    /// <summary>
    /// Up to which level keys that were made elsewhere are taken in and used: 0 (none) to 3. 1 by default, for whoever had such a key once may have it still, and no HSM can tell
    /// (security decision 25).
    /// </summary>
    public int ImportedUpToLevel { get; set; } = 1;

    internal bool AllowsImported(int level) => level <= ImportedUpToLevel;

    internal bool Allows(KeyAlgorithm algorithm) => (Algorithms ?? _default).Contains(algorithm.Name);

    /// <summary>The name of a setting that is out of its bounds, and its bounds; null if all are well.</summary>
    internal string? FindFault() =>
        Algorithms is { } names && (names.Count == 0 || names.Any(name => !KeyAlgorithm.TryFromName(name, out _))) ? "Keys:Algorithms names one or more of rsa2048, rsa3072, rsa4096, p256, p384, p521."
        : ImportedUpToLevel is < 0 or > 3 ? "Keys:ImportedUpToLevel is 0 to 3." : null;
}
