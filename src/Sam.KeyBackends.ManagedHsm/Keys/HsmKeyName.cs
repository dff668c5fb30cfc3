using System.Diagnostics.CodeAnalysis;
using Sam.Core.Keys;
using Sam.Core.Randomness;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>
/// A key's name and version at the HSM; its reference is <c>sign-(32 hex digits)/VERSION</c>, behind <c>POOL/</c> where there are several HSMs.
/// The version is always named: a reference without one would mean another key as soon as somebody adds a version.
/// </summary>
/// <remarks>
/// The purpose stands in the name because the HSM's own <c>key_ops</c> cannot tell a signer's RSA key from the RSA key that makes MACs on Key Vault Premium:
/// both sign, and a signature by the latter would give a MAC away.
/// </remarks>
/// <param name="Pool">The HSM that has it; null for the first one, or the only one.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Version">Its version.</param>
internal sealed record HsmKeyName(string? Pool, KeyPurpose Purpose, string Name, string Version)
{
    /// <summary>
    /// The one name that is not the SAM's own: a ceremony makes this key, and the SAM's identity may decrypt with no other (infra/roles/managed-hsm.tsv).
    /// </summary>
    internal const string CeremonyDecryptionKey = "sam-factors";

    /// <summary>The one key that nothing is done with: its tags are the anchor.</summary>
    internal const string Anchor = "sam-anchor";

    private const int RandomDigits = 32;
    private const int LongestVersion = 64;

    internal KeyReference Reference => KeyReference.Parse(Pool is null ? $"{Name}/{Version}" : $"{Pool}/{Name}/{Version}");

    /// <summary>The path of the key, without a leading slash. Nothing in it needs escaping.</summary>
    internal string Path => $"keys/{Name}/{Version}";

    /// <summary>A name that nobody can have taken or foreseen: deleted names stay blocked, and one that exists would get a second version instead of a key.</summary>
    internal static string NewName(KeyPurpose purpose) => Prefix(purpose) + RandomSource.GetHex(RandomDigits / 2);

    /// <summary>The name that a signing key's maker has written down for it.</summary>
    internal static string NameOf(KeyName name) => Prefix(KeyPurpose.Sign) + name.Value;

    internal static bool TryParse(KeyReference reference, KeyPurpose purpose, [NotNullWhen(true)] out HsmKeyName? key)
    {
        // Whether there is such a pool is for the pools to say.
        string[] parts = (reference.Value ?? string.Empty).Split('/');
        key = parts is [.., string name, string version] && parts.Length <= 3 && IsName(name, purpose) && IsVersion(version)
            ? new HsmKeyName(parts.Length == 3 ? parts[0] : null, purpose, name, version)
            : null;
        return key is not null;
    }

    internal static bool IsVersion(string version) => version.Length is > 0 and <= LongestVersion && version.All(char.IsAsciiLetterOrDigit);

    private static bool IsName(string name, KeyPurpose purpose) =>
        (purpose == KeyPurpose.Decrypt && name == CeremonyDecryptionKey)
        || (name.StartsWith(Prefix(purpose), StringComparison.Ordinal)
            && name.Length == Prefix(purpose).Length + RandomDigits
            && name[Prefix(purpose).Length..].All(char.IsAsciiHexDigitLower));

    private static string Prefix(KeyPurpose purpose) => purpose switch
    {
        KeyPurpose.Sign => "sign-",
        KeyPurpose.Wrap => "wrap-",
        KeyPurpose.Mac => "mac-",
        KeyPurpose.Decrypt => "decrypt-",
        KeyPurpose.Exchange => "exchange-",
        _ => throw new ArgumentOutOfRangeException(nameof(purpose), purpose, "Not a purpose."),
    };
}
