namespace Sam.Core.Factors;

/// <summary>Which of the guideline's levels this SAM has: section <c>Sam:Levels</c>.</summary>
public sealed class LevelPolicy
{
    /// <summary>The lowest level.</summary>
    public const int Lowest = 1;

    /// <summary>The highest level.</summary>
    public const int Highest = 3;

    private const int LongestName = 200;

    /// <summary>
    /// What names the certificate by which this SAM was certified against the guideline's requirements; null where there is none. Then there is no level 3 (ACT-3): a credential of it is neither
    /// made nor used.
    /// </summary>
    public string? CertificateOfThisSam { get; set; }

    internal bool Allows(int level) => level is >= Lowest and < Highest || (level == Highest && CertificateOfThisSam is not null);

    /// <summary>The name of a setting that is out of its bounds, and its bounds; null if all are well.</summary>
    internal string? FindFault() =>
        CertificateOfThisSam is { } name && !Values.PlainText.IsLine(name, LongestName) ? "Levels:CertificateOfThisSam is 1 to 200 characters." : null;
}
