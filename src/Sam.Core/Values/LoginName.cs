using System.Diagnostics.CodeAnalysis;

namespace Sam.Core.Values;

/// <summary>
/// Whose login a verified token is: its issuer and the subject that this issuer gives them. Neither alone names anybody: another issuer may give the same subject to somebody else.
/// </summary>
public sealed record LoginName
{
    private const int LongestPart = 255;

    private LoginName(string issuer, string subject)
    {
        Issuer = issuer;
        Subject = subject;
    }

    /// <summary>The issuer's one name (<c>iss</c>; one with several spellings has one here): 1 to 255 characters.</summary>
    public string Issuer { get; }

    /// <summary>The subject (<c>sub</c>), case-sensitive: 1 to 255 characters.</summary>
    public string Subject { get; }

    /// <summary>Takes two texts of 1 to 255 characters without control characters and halves of surrogate pairs; false for others.</summary>
    public static bool TryCreate(string? issuer, string? subject, [NotNullWhen(true)] out LoginName? name)
    {
        name = IsPart(issuer) && IsPart(subject) ? new LoginName(issuer!, subject!) : null;
        return name is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Subject} at {Issuer}";

    /// <summary>Half a surrogate pair has no UTF-8: two texts with different halves would have one hash.</summary>
    private static bool IsPart(string? text) => text is { Length: > 0 and <= LongestPart } && !text.Any(char.IsControl) && PlainText.IsWellFormed(text);
}
