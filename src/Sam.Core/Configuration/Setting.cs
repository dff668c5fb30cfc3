using Sam.Core.Values;

namespace Sam.Core.Configuration;

/// <summary>One setting that decides security.</summary>
/// <param name="Name">Section and name, such as <c>Pin:MaxAttempts</c>.</param>
/// <param name="Value">As text that is the same on every machine.</param>
public sealed record Setting(string Name, string Value)
{
    private const int LongestName = 200;
    // Nine hundred authorities by their fingerprints.
    private const int LongestValue = 60_000;

    internal bool IsWellFormed => PlainText.IsLine(Name, LongestName) && (Value.Length == 0 || PlainText.IsLine(Value, LongestValue));
}
