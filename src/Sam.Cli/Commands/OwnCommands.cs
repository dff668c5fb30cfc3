using System.CommandLine;

namespace Sam.Cli.Commands;

/// <summary>What signers do themselves, with a token of their own login.</summary>
internal static class OwnCommands
{
    internal static IEnumerable<Command> Create(AdminCommands commands)
    {
        yield return commands.User(
            "enrol",
            "For signers: sets your PIN, with the code that you were given.",
            [commands.Options.CodeFile, commands.Options.PinFile],
            (call, stop) => call.Sam.EnrolAsync(call.Code, call.ReadSecret(commands.Options.PinFile, "New PIN", twice: true), stop),
            SignerCommands.Show);

        Argument<string> confirmed = Ids.Credential();
        yield return commands.User(
            "confirm",
            "For signers: confirms that a key is yours, with your PIN. From then on it can sign.",
            [confirmed, commands.Options.PinFile],
            (call, stop) => call.Sam.ConfirmAsync(call.Get(confirmed), call.Pin, stop),
            CredentialCommands.Show);
    }
}
