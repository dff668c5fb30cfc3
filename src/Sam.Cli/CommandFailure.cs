namespace Sam.Cli;

/// <summary>Ends a command with one line on standard error. The message is for the person at the keyboard and holds no secret.</summary>
internal sealed class CommandFailure : Exception
{
    internal CommandFailure(string message, int exitCode = ExitCodes.Failure, Exception? innerException = null)
        : base(message, innerException) => ExitCode = exitCode;

    internal int ExitCode { get; }
}
