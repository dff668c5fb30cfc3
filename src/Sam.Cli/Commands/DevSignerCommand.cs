using System.CommandLine;
using Sam.Cli.Demo;
using Sam.Cli.Development;
using Sam.Cli.Http;
using Sam.Core.Algorithms;

namespace Sam.Cli.Commands;

/// <summary><c>sam dev signer</c>: a signer with one certified credential. Standard output is the credentialID alone, so that scripts can take it.</summary>
internal static class DevSignerCommand
{
    internal static Command Create(CliHost host)
    {
        var name = new Argument<string>("NAME") { Description = "The signer. Created if there is none of this name; an existing one gets the PIN." };
        var pin = new Option<string>("--pin")
        {
            Description = "The signer's PIN; - reads one line from standard input. "
                + "A PIN on the command line is for development only: other users of the machine and the shell's history see it.",
            HelpName = "PIN",
            Required = true,
        };
        var key = new Option<string>("--key") { Description = "The kind of key.", Required = true };
        key.AcceptOnlyFromAmong([.. KeyAlgorithm.All.Select(a => a.Name)]);
        var clients = new Option<string[]>("--client") { Description = "A client that may act for the signer; may be given more than once. Without it, any client of the development issuer may.", HelpName = "ID" };
        var multisign = new Option<int?>("--multisign") { Description = "The most signatures that one authorization may cover.", HelpName = "N" };
        multisign.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError("--multisign is at least 1.");
            }
        });

        var command = new Command("signer", "Makes a signer with a key and a demo certificate, and prints the credentialID.") { name, pin, key, clients, multisign };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            host,
            parsed.GetRequiredValue(name),
            ReadPin(host, parsed.GetRequiredValue(pin)),
            parsed.GetValue(clients) ?? [],
            parsed.GetRequiredValue(key),
            parsed.GetValue(multisign),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CliHost host, string name, Secret pin, IReadOnlyList<string> clients, string key, int? multisign, CancellationToken cancellationToken)
    {
        using var sam = new SamClient(SamAddress.From(host.Variable("SAM_URL")));
        using var ca = new DemoCa(host.Clock);
        using DevelopmentOffice office = await DevelopmentOffice.OpenAsync(sam, host.Clock, cancellationToken);
        DevelopmentSigner signer = await DevelopmentSigner.FindOrRegisterAsync(office, name, pin, clients, cancellationToken);
        await signer.EnrolAsync(cancellationToken);
        (string credentialId, _) = await signer.AddCredentialAsync(key, multisign, ca.CertifyRequest, cancellationToken);
        await host.Out.WriteLineAsync(Printable.OneLine(credentialId));
        return ExitCodes.Ok;
    }

    private static Secret ReadPin(CliHost host, string argument)
    {
        string? pin = argument == "-" ? host.In.ReadLine() : argument;
        return string.IsNullOrEmpty(pin) ? throw new CommandFailure("The PIN is empty.", ExitCodes.Usage) : new Secret(pin);
    }
}
