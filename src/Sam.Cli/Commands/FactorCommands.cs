using System.CommandLine;
using System.Security.Cryptography;
using Sam.Cli.Factors;
using Sam.Cli.Http;
using Sam.Core.Approvals;
using Sam.Core.Encryption;

namespace Sam.Cli.Commands;

/// <summary><c>sam factors</c>: encrypts factors as a page of the signer's does, so that the application which carries them cannot read them.</summary>
internal static class FactorCommands
{
    internal static Command Create(CliHost host)
    {
        CarriedChallenge carried = new();
        Option<string> certificate = new("--certificate") { Description = "The SAM's certificate, which you took once by a way of your own (sam identity).", HelpName = "FILE", Required = true };
        Option<int?> count = new("--count") { Description = "How many signatures the application asks for. Default: one for each hash.", HelpName = "N" };
        Option<string?> pin = AdminOptions.SecretFile("--pin-file", "PIN");
        Option<string?> password = AdminOptions.SecretFile("--otp-file", "one-time password");
        Command command = new(
            "encrypt",
            "Encrypts your PIN for an application's challenge: what is printed as answer goes back to it, and is good for these hashes alone, once. A one-time password goes along where --otp-file names it.")
        {
            certificate, count, pin, password,
        };
        foreach (Symbol symbol in carried.Symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, stop) =>
        {
            (string deployment, PendingApproval shown) = carried.Read(host, parsed);
            using ECDsa sam = AuditCommands.Key(host, parsed.GetRequiredValue(certificate))!;
            using SamClient client = new(SamAddress.From(host.Variable("SAM_URL")));
            string keys = (await client.InfoAsync(stop)).OrFail().FactorKeys ?? throw new CommandFailure("The SAM publishes no keys for factors, now or ever.");
            JsonWebKey key = FactorPage.FindKey(keys, sam, deployment, host.Clock.GetUtcNow())
                ?? throw new CommandFailure("What is published as keys for factors is not signed by this SAM, or too old. Nothing was encrypted.");
            Secret secret = SecretFiles.Read(host, parsed.GetValue(pin), pin.Name, "PIN");
            Secret? otp = parsed.GetValue(password) is { } file ? SecretFiles.Read(host, file, password.Name, "One-time password") : null;
            string jwe = FactorPage.Encrypt(key, carried.Text(parsed), shown, parsed.GetValue(count) ?? shown.Digests.Count, secret, otp);
            CarriedChallenge.Show(new Report(host.Out), shown, ("answer", jwe));
            return ExitCodes.Ok;
        });
        return new Command("factors", "For signers: your factors, where an application carries them.") { command };
    }
}
