using System.CommandLine;

namespace Sam.Cli.Commands;

/// <summary>The command line: parses, runs one command, turns failures into one line on standard error and an exit code.</summary>
internal static class SamCommandLine
{
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliHost host, CancellationToken cancellationToken = default)
    {
        ParseResult parsed = Create(host).Parse(arguments);
        if (parsed.Errors.Count > 0 && !CompletionCommand.IsAsked(arguments))
        {
            // The parser's own action would print the help on standard output, where scripts expect a result.
            await SayAsync(host, $"{OneLine(parsed.Errors[0].Message)} See: sam {Path(parsed.CommandResult.Command)}--help");
            return ExitCodes.Usage;
        }

        var configuration = new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (CommandFailure e)
        {
            await SayAsync(host, e.Message);
            return e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await SayAsync(host, e.Message);
            return ExitCodes.Failure;
        }
        catch (OperationCanceledException)
        {
            await SayAsync(host, "Stopped.");
            return ExitCodes.Failure;
        }
    }

    private static RootCommand Create(CliHost host)
    {
        RootCommand root = new("A signature activation module, from the command line. The address is read from SAM_URL (default http://127.0.0.1:7180), the access token from SAM_TOKEN.")
        {
            DemoCommand.Create(host),
            new Command("dev", "Commands for a SAM that runs in Development.")
            {
                DevSignerCommand.Create(host),
                DevTokenCommand.Create(host),
            },
        };
        AdminCommands admin = new(host);
        root.Add(AuditCommands.Create(host, admin));
        foreach (Command command in (IEnumerable<Command>)[
            .. BeginningCommands.Create(admin), OfficerCommands.Create(admin), ProposeCommands.Create(admin), ProposalCommands.Create(admin), ClientCommands.Create(admin),
            SignerCommands.Create(admin), CredentialCommands.Create(admin), ImportCommands.Create(admin), .. CertificationCommands.Create(admin), .. OwnCommands.Create(admin), DeviceCommands.Create(admin), FactorCommands.Create(host), CompletionCommand.Create(host)])
        {
            root.Add(command);
        }

        return root;
    }

    private static string Path(Command command) =>
        command is RootCommand ? string.Empty : Path(command.Parents.OfType<Command>().Single()) + command.Name + " ";

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static Task SayAsync(CliHost host, string message) => host.Error.WriteLineAsync("sam: " + Printable.OneLine(message));
}
