using System.CommandLine;

namespace Sam.Cli.Commands;

/// <summary><c>sam client</c>: signature creation applications. Approving one takes a proposal; one officer is enough to stop it.</summary>
internal static class ClientCommands
{
    internal static Command Create(AdminCommands commands)
    {
        Argument<string> stopped = Ids.Client();
        return new Command("client", "Signature creation applications. sam propose approve-client approves one.")
        {
            commands.Officer(
                "list",
                "Lists the clients.",
                [],
                (call, stop) => call.Sam.ListClientsAsync(stop),
                (report, clients) => report.Table(["CLIENT", "APPROVED"], clients.Items.Select(c => new[] { c.Client, Report.YesNo(c.Approved) }))),
            commands.Officer(
                "stop", "Stops a client: it is refused from now on.", [stopped], (call, stop) => call.Sam.StopClientAsync(call.Get(stopped), stop), (report, _) => report.Line("The client is stopped.")),
        };
    }
}
