using System.CommandLine;
using Sam.Cli.Admin;

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

        yield return commands.User(
            "me",
            "For signers: shows you and your keys.",
            [],
            (call, stop) => call.Sam.FindOwnAsync(stop),
            (report, own) =>
            {
                SignerCommands.Show(report, own.Signer);
                report.Line();
                CredentialCommands.ShowList(report, own.Credentials);
            });

        Argument<string> confirmed = Ids.Credential();
        yield return commands.User(
            "confirm",
            "For signers: confirms that a key is yours, with your PIN. From then on it can sign.",
            [confirmed, commands.Options.PinFile],
            (call, stop) => call.Sam.ConfirmAsync(call.Get(confirmed), call.Pin, stop),
            CredentialCommands.Show);

        Argument<string> stopped = Ids.Credential();
        Argument<string> action = new("ACTION") { Description = "What is done with the key." };
        action.AcceptOnlyFromAmong("suspend", "resume", "revoke", "destroy");
        yield return commands.User(
            "stop",
            "For signers: suspends, resumes, revokes or destroys a key of yours, with your PIN.",
            [stopped, action, commands.Options.Reason, commands.Options.PinFile],
            async (call, stop) =>
            {
                // The PIN first: the challenge is good for minutes, and somebody may have to look for theirs.
                Secret pin = call.Pin;
                ChallengeText challenge = (await call.Sam.ChallengeAsync(call.Get(stopped), call.Get(action), stop)).OrFail().Value;
                StopBody body = new() { Action = call.Get(action), Challenge = challenge.Challenge, Pin = pin, Reason = call.Reason };
                return await call.Sam.StopAsync(call.Get(stopped), body, stop);
            },
            CredentialCommands.Show);
    }
}
