using System.CommandLine;
using Sam.Cli.Http;

namespace Sam.Cli.Commands;

/// <summary><c>sam dev token</c>: an access token of the development issuer, for curl.</summary>
internal static class DevTokenCommand
{
    internal static Command Create(CliHost host)
    {
        var client = new Argument<string>("CLIENT") { Description = "The client that the token is for." };
        var role = new Option<string?>("--role") { Description = "A role to put into the token.", HelpName = "R" };
        var subject = new Option<string?>("--sub") { Description = "A signer, for that signer's own token.", HelpName = "S" };
        var command = new Command("token", "Prints an access token of the development issuer.") { client, role, subject };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(host, parsed.GetRequiredValue(client), parsed.GetValue(role), parsed.GetValue(subject), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliHost host, string client, string? role, string? subject, CancellationToken cancellationToken)
    {
        using var sam = new SamClient(SamAddress.From(host.Variable("SAM_URL")));
        TokenAnswer answer = (await sam.TokenAsync(client, role, subject, cancellationToken)).OrFail();
        await host.Out.WriteLineAsync(answer.AccessToken.Reveal());
        return ExitCodes.Ok;
    }
}
