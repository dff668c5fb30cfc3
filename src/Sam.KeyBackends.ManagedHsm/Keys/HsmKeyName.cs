using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>
/// A key's name and version at the HSM; its reference is <c>sign-(32 hex digits)/VERSION</c>. The version is always named: a reference without one would mean
/// another key as soon as somebody adds a version.
/// </summary>
/// <remarks>
/// The purpose stands in the name because the HSM's own <c>key_ops</c> cannot tell a signer's RSA key from the RSA key that makes MACs on Key Vault Premium:
/// both sign, and a signature by the latter would give a MAC away.
/// </remarks>
internal sealed record HsmKeyName(KeyPurpose Purpose, string Name, string Version)
{
    private const int RandomDigits = 32;
    private const int LongestVersion = 64;

    internal KeyReference Reference => KeyReference.Parse($"{Name}/{Version}");

    /// <summary>The path of the key, without a leading slash. Nothing in it needs escaping.</summary>
    internal string Path => $"keys/{Name}/{Version}";

    /// <summary>A name that nobody can have taken or foreseen: deleted names stay blocked, and one that exists would get a second version instead of a key.</summary>
    internal static string NewName(KeyPurpose purpose) => Prefix(purpose) + RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true);

    internal static bool TryParse(KeyReference reference, KeyPurpose purpose, [NotNullWhen(true)] out HsmKeyName? key)
    {
        key = (reference.Value ?? string.Empty).Split('/') is [string name, string version] && IsName(name, purpose) && IsVersion(version)
            ? new HsmKeyName(purpose, name, version)
            : null;
        return key is not null;
    }

    internal static bool IsVersion(string version) => version.Length is > 0 and <= LongestVersion && version.All(char.IsAsciiLetterOrDigit);

    private static bool IsName(string name, KeyPurpose purpose) =>
        name.StartsWith(Prefix(purpose), StringComparison.Ordinal)
        && name.Length == Prefix(purpose).Length + RandomDigits
        && name[Prefix(purpose).Length..].All(char.IsAsciiHexDigitLower);

    private static string Prefix(KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.Sign => "sign-",
        KeyPurpose.Wrap => "wrap-",
        KeyPurpose.Mac => "mac-",
        _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, "Not a purpose."),
    };
}
