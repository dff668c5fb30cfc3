namespace Sam.Cli;

/// <summary>What scripts may rely on.</summary>
internal static class ExitCodes
{
    internal const int Ok = 0;

    /// <summary>Refused, not reachable, not verified.</summary>
    internal const int Failure = 1;

    /// <summary>The command line, or a variable, makes no sense. Nothing was sent.</summary>
    internal const int Usage = 2;

    /// <summary>What was to be verified cannot be read.</summary>
    internal const int Unreadable = 2;
}
