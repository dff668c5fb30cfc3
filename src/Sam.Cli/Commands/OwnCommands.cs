using System.CommandLine;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary>What signers do themselves, with a token of their own login.</summary>
internal static class OwnCommands
{
    internal static IEnumerable<Command> Create(AdminCommands commands)
    {
        Option<bool> totp = new("--totp")
        {
            Description = "Shows a new secret for your authenticator app, once: as otpauth: and as a QR code. Your PIN stays what it is, unless --pin-file gives a new one.",
        };
        yield return commands.User(
            "enrol",
            "For signers: sets your PIN, with the code that you were given; or gives your authenticator app a secret.",
            [commands.Options.CodeFile, commands.Options.PinFile, totp],
            (call, stop) =>
            {
                Secret code = call.Code;
                bool keepsPin = call.Get(totp) && call.Get(commands.Options.PinFile) is null;
                return call.Sam.EnrolAsync(code, keepsPin ? null : call.ReadSecret(commands.Options.PinFile, "New PIN", twice: true), stop, totp: call.Get(totp));
            },
            ShowEnrolled);

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

    private static void ShowEnrolled(Report report, SignerRecord signer)
    {
        SignerCommands.Show(report, signer);
        if (signer.Totp is { } app)
        {
            report.Line();
            report.Fields(("for your authenticator app", app.Uri.Reveal()));
            report.Line();
            QrCode.Draw(report, app.Uri.Reveal());
        }
    }
}
