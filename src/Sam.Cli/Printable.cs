namespace Sam.Cli;

/// <summary>Texts that come from elsewhere must not steer the terminal they are shown on.</summary>
internal static class Printable
{
    /// <summary>The same text on one line, each control character replaced by a question mark.</summary>
    internal static string OneLine(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
