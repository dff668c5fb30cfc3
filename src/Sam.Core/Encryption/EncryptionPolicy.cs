using Sam.Core.Factors;
using Sam.Core.Keys;

namespace Sam.Core.Encryption;

/// <summary>How factors that pass through a signing application are kept from it: section <c>Sam:Encryption</c>.</summary>
public sealed class EncryptionPolicy
{
    /// <summary>Which factors must be encrypted.</summary>
    public EncryptionDemand Demand { get; set; } = EncryptionDemand.PinAlone;

    /// <summary>
    /// The keys that a ceremony made, by the HSM's names for them, such as <c>sam-factors/VERSION</c>: the first is published, all are accepted. Null: the SAM makes its own, and a new one
    /// after <see cref="KeyLifetime"/>.
    /// </summary>
    public IReadOnlyList<string>? Keys { get; set; }

    /// <summary>How long a key that the SAM made is published: 1 to 366 days. It is accepted for three days more, and then destroyed.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Whether these factors may be given in the clear.</summary>
    internal bool AllowsBare(KeyAuthorization factors) => Demand switch
    {
        EncryptionDemand.None => true,
        EncryptionDemand.PinAlone => !factors.NeedsPin || factors.NeedsTotp || factors.NeedsDevice,
        _ => !factors.NeedsPin,
    };

    /// <summary>The name of a setting that is out of its bounds, and its bounds; null if all are well.</summary>
    internal string? FindFault() =>
        !Enum.IsDefined(Demand) ? "Encryption:Demand is None, PinAlone or Always."
        : Keys is { } names && (names.Count == 0 || names.Any(name => !KeyReference.TryParse(name, out _))) ? "Encryption:Keys names one or more keys of the HSM."
        : KeyLifetime < TimeSpan.FromDays(1) || KeyLifetime > TimeSpan.FromDays(366) ? "Encryption:KeyLifetime is 1 to 366 days."
        : null;
}
