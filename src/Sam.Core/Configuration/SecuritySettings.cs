using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Sam.Core.Sealing;

namespace Sam.Core.Configuration;

/// <summary>
/// All settings that decide security, by name and in the order of their names, with their defaults where nobody set them: what two security officers sign (SYS-3). Read from the options themselves,
/// so that a setting which is added later is part of it, unless it is named here.
/// </summary>
public sealed class SecuritySettings
{
    private const int MaxSettings = 500;

    // Places and sizes of one instance, and what is of no use once the deployment has officers.
    private static readonly HashSet<string> _leftOut = new(StringComparer.Ordinal)
    {
        "Audit:HeadsFile", "Audit:HeadsContainer", "Certificates:TrustAnchorFiles", "Certificates:TrustAnchors", "Officers:InitializationSecretDigest", "Pin:MaxConcurrentEvaluations",
    };

    private SecuritySettings(IReadOnlyList<Setting> settings)
    {
        Items = settings;
        byte[] joined = AssociatedData.Of([.. settings.SelectMany(s => (string[])[s.Name, s.Value])]);
        Digest = Convert.ToHexStringLower(SHA256.HashData([.. "sam-settings/1"u8, .. joined]));
    }

    /// <summary>The settings.</summary>
    public IReadOnlyList<Setting> Items { get; }

    /// <summary>SHA-256 over all of them, hexadecimal: the same for the same settings, whoever reads them and wherever.</summary>
    public string Digest { get; }

    /// <summary>Those that a process runs with.</summary>
    /// <param name="options">The module's.</param>
    /// <param name="others">Sections of the host's that decide security, such as whose tokens are accepted.</param>
    public static SecuritySettings Of(ActivationModuleOptions options, params IReadOnlyList<(string Section, object Options)> others)
    {
        List<Setting> found = [new("Certificates:TrustAnchors", string.Join(' ', options.Certificates.FingerprintsOfAnchors()))];
        Read(string.Empty, options, found);
        foreach ((string section, object other) in others)
        {
            Read(section, other, found);
        }

        return new SecuritySettings([.. found.OrderBy(s => s.Name, StringComparer.Ordinal)]);
    }

    /// <summary>Those of a document; null for what is none: no settings, too many, one twice, or one that is no line of text.</summary>
    public static SecuritySettings? Parse(IReadOnlyList<Setting> settings) =>
        settings.Count is 0 or > MaxSettings || settings.Any(s => !s.IsWellFormed) || settings.DistinctBy(s => s.Name, StringComparer.Ordinal).Count() != settings.Count
            ? null
            : new SecuritySettings([.. settings.OrderBy(s => s.Name, StringComparer.Ordinal)]);

    private static void Read(string prefix, object options, List<Setting> found)
    {
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanRead && p.GetIndexParameters().Length == 0))
        {
            string name = prefix.Length == 0 ? property.Name : $"{prefix}:{property.Name}";
            if (_leftOut.Contains(name) || property.GetValue(options) is not { } value)
            {
                continue;
            }

            if (ToText(value) is { } text)
            {
                found.Add(new Setting(name, text));
            }
            else
            {
                Read(name, value, found);
            }
        }
    }

    /// <summary>Null for a section.</summary>
    private static string? ToText(object value) => value switch
    {
        string text => text,
        Enum or bool => value.ToString(),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        Uri address => address.AbsoluteUri,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable several => string.Join(' ', several.Cast<object>().Select(one => ToText(one) ?? string.Empty)),
        _ => null,
    };
}
