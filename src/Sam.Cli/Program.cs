using Sam.Cli.Commands;

namespace Sam.Cli;

internal static class Program
{
    private static Task<int> Main(string[] arguments) => SamCommandLine.RunAsync(arguments, CliHost.OfThisProcess());
}
