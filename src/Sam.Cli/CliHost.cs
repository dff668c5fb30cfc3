namespace Sam.Cli;

/// <summary>What commands see of the process they run in. Tests hand in their own and so run in parallel.</summary>
/// <param name="In">Where <c>--pin -</c> reads from.</param>
/// <param name="Out">Results, and nothing else: scripts read it.</param>
/// <param name="Error">One line per failure.</param>
/// <param name="Variable">Reads an environment variable; null where it is not set.</param>
/// <param name="WorkingDirectory">What relative paths are relative to.</param>
/// <param name="Colour">Whether <paramref name="Out"/> is a terminal that wants colour.</param>
/// <param name="Clock">The validity of demo certificates and the names of demo folders come from it.</param>
internal sealed record CliHost(
    TextReader In,
    TextWriter Out,
    TextWriter Error,
    Func<string, string?> Variable,
    string WorkingDirectory,
    bool Colour,
    TimeProvider Clock)
{
    /// <summary>Asks the person at the terminal for a secret, without showing it; null where there is no terminal.</summary>
    internal Func<string, string>? AskSecret { get; init; }

    /// <summary>Whether somebody watches <see cref="Error"/>: what goes on is shown to a terminal only.</summary>
    internal bool ErrorIsTerminal { get; init; }

    internal static CliHost OfThisProcess() => new(
        Console.In,
        Console.Out,
        Console.Error,
        Environment.GetEnvironmentVariable,
        Environment.CurrentDirectory,
        WantsColour(Environment.GetEnvironmentVariable, Console.IsOutputRedirected),
        TimeProvider.System)
    {
        ErrorIsTerminal = !Console.IsErrorRedirected,
        AskSecret = Console.IsInputRedirected ? null : SecretPrompt.OfTheConsole,
    };

    /// <summary>Colour goes to terminals only; NO_COLOR (set and not empty, no-color.org) and <c>TERM=dumb</c> turn it off.</summary>
    internal static bool WantsColour(Func<string, string?> variable, bool redirected) =>
        !redirected && string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") != "dumb";
}
