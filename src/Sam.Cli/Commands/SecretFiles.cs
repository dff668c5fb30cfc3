namespace Sam.Cli.Commands;

/// <summary>Secrets that come from a file, from standard input or from the terminal, and never from the command line.</summary>
internal static class SecretFiles
{
    /// <param name="host">Where from.</param>
    /// <param name="file">The file; - is standard input, and without one the terminal is asked.</param>
    /// <param name="option">The option that names it, for who has no terminal.</param>
    /// <param name="what">What is asked for.</param>
    /// <param name="twice">Whether it is asked for twice: one that is set, and that a slip would change.</param>
    internal static Secret Read(CliHost host, string? file, string option, string what, bool twice = false)
    {
        string? text = file switch
        {
            "-" => host.In.ReadLine(),
            { } name => File.ReadLines(Path.GetFullPath(name, host.WorkingDirectory)).FirstOrDefault(),
            null => Ask(host, what, option, twice),
        };
        return string.IsNullOrEmpty(text) ? throw new CommandFailure($"{what}: it is empty.", ExitCodes.Usage) : new Secret(text);
    }

    private static string Ask(CliHost host, string what, string option, bool twice)
    {
        if (host.AskSecret is not { } ask)
        {
            throw new CommandFailure($"{what}: there is no terminal to ask at. Give {option}.", ExitCodes.Usage);
        }

        string typed = ask(what);
        return twice && ask($"{what} again") != typed ? throw new CommandFailure($"{what}: you typed two different ones.", ExitCodes.Usage) : typed;
    }
}
