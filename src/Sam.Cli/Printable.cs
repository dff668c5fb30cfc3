namespace Sam.Cli;

/// <summary>Texts that come from elsewhere must not steer the terminal they are shown on, nor look like others by marks that turn the direction.</summary>
internal static class Printable
{
    /// <summary>The same text on one line, each control character, line separator and direction mark replaced by a question mark.</summary>
    internal static string OneLine(string text) => text.Any(Steers) ? string.Concat(text.Select(c => Steers(c) ? '?' : c)) : text;

    private static bool Steers(char c) =>
        char.IsControl(c) || c is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
