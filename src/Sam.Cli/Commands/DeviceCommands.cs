using System.CommandLine;
using Sam.Cli.Admin;
using Sam.Cli.Http;
using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Cli.Commands;

/// <summary><c>sam device</c>: a signer's device, as a file. What others build into a phone, they can read and try here.</summary>
internal static class DeviceCommands
{
    internal static Command Create(AdminCommands commands) => new("device", "For signers: a device of your own, on which you see and approve what applications ask for.")
    {
        Enrol(commands),
        List(commands),
        Approve(commands),
        Refuse(commands),
        DeviceAnswerCommand.Create(commands),
    };

    private static Command Enrol(AdminCommands commands)
    {
        Option<string> name = new("--name") { Description = "What you call the device.", HelpName = "TEXT", DefaultValueFactory = _ => "sam device" };
        Option<string> file = new("--device") { Description = "The new file for the device.", HelpName = "FILE", Required = true };
        return commands.Own(
            "enrol",
            "Makes your device in a new file, and enrols it with the code that you were given. The first time you set your PIN with it.",
            [commands.Options.CodeFile, name, commands.Options.PinFile, file],
            async (call, stop) =>
            {
                string path = call.PathOf(call.Get(file)!);
                string deployment = (await call.Sam.GetStatusAsync(stop)).OrFail().Value.Deployment;
                Secret code = DeviceCode.Read(call.Code, deployment);
                Secret? pin = call.Get(commands.Options.PinFile) is null ? null : call.Pin;
                Secret? passphrase = commands.NewPassphrase();
                SamReply<AdminAnswer<SignerRecord>> reply = await EnrolAsync();
                if (pin is null && call.Host.AskSecret is not null && reply.IsRefused(out SamRefusal? refusal) && refusal.Description.EndsWith("(pin)", StringComparison.Ordinal))
                {
                    // The first factor is a PIN, and the code is still good.
                    pin = call.ReadSecret(commands.Options.PinFile, "New PIN", twice: true);
                    reply = await EnrolAsync();
                }

                SignerRecord signer = reply.OrFail().Value;
                DeviceRecord enrolled = signer.Devices.Count > 0 ? signer.Devices[^1] : throw new CommandFailure("The SAM names no device of yours.");
                DeviceFile.Enrolled(path, enrolled, signer.Id, deployment);
                new Report(call.Host.Out).Fields(("device", enrolled.Id), ("name", enrolled.Name), ("signer", signer.Id), ("deployment", deployment));

                Task<SamReply<AdminAnswer<SignerRecord>>> EnrolAsync() => AdminCommands.EnrolKeyAsync(path, passphrase, "sam me", key => call.Sam.EnrolAsync(
                    code,
                    pin,
                    stop,
                    new DeviceBody
                    {
                        Name = call.Get(name)!,
                        PublicKey = key.ExportSubjectPublicKeyInfo(),
                        Possession = DeviceSignature.Sign(key, NewDevice.Statement(deployment, new SecretText(code.Reveal()), call.Get(name)!)),
                    }));
            });
    }

    private static Command List(AdminCommands commands) => commands.Device(
        "list",
        "Shows what waits for you.",
        [commands.Options.Output],
        async (call, _, stop) => call.Show(
            (await call.Sam.ListPendingAsync(stop)).OrFail(),
            (report, pending) => report.Table(
                ["APPROVAL", "CLIENT", "DOCUMENTS", "SHORT CODE", "PIN", "UNTIL", "DESCRIPTION"],
                pending.Items.Select(item => item.ToApproval()).Select(a => new[]
                {
                    a.Id.Value, a.Client.Value, Report.Number(a.Digests.Count), ApprovalStatement.ShortCode(a.Digests), Report.YesNo(a.NeedsPin), Report.Time(a.ExpiresAt), a.Label,
                }))));

    private static Command Approve(AdminCommands commands)
    {
        Argument<string> id = Ids.Approval();
        id.Arity = ArgumentArity.ZeroOrOne;
        Option<bool> all = new("--all") { Description = "All that wait." };
        Command command = commands.Device(
            "approve",
            "Shows what an application asks for, and approves it: signs all that was shown with the device's key. Asks for your PIN where it is needed.",
            [id, all, commands.Options.PinFile],
            async (call, device, stop) => await DecideAsync(call, device, call.Get(all) ? null : call.Find(id), approves: true, stop));
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetResult(id) is { Tokens.Count: > 0 }))
            {
                result.AddError("Either APPROVAL or --all is wanted.");
            }
        });
        return command;
    }

    private static Command Refuse(AdminCommands commands)
    {
        Argument<string> id = Ids.Approval();
        return commands.Device(
            "refuse", "Shows what an application asks for, and refuses it.", [id], async (call, device, stop) => await DecideAsync(call, device, call.Get(id), approves: false, stop));
    }

    /// <param name="call">The run.</param>
    /// <param name="device">The device.</param>
    /// <param name="chosen">An approval's id; null for all.</param>
    /// <param name="approves">Approve or refuse.</param>
    /// <param name="stop">Ends the waiting.</param>
    private static async Task DecideAsync(AdminCall call, DeviceFile device, string? chosen, bool approves, CancellationToken stop)
    {
        Report report = new(call.Host.Out);
        PendingApproval[] approvals =
            [.. (await call.Sam.ListPendingAsync(stop)).OrFail().Value.Items.Where(item => chosen is null || item.Id == chosen).Select(item => item.ToApproval())];
        if (approvals.Length == 0)
        {
            throw new CommandFailure(chosen is null ? "Nothing waits for you." : $"No approval {chosen} waits for you.");
        }

        foreach (PendingApproval approval in approvals)
        {
            Show(report, approval);
        }

        // Asked for when all has been shown: whoever types their PIN has seen what for.
        Secret? pin = approves && approvals.Any(a => a.NeedsPin) ? call.Pin : null;
        foreach (PendingApproval approval in approvals)
        {
            DecisionBody body = new()
            {
                Decision = approves ? "approve" : "refuse",
                Device = device.Id.Value,
                Signature = DeviceSignature.Sign(device.Key, ApprovalStatement.Of(approves, device.Deployment, approval)),
                Pin = approval.NeedsPin ? pin : null,
            };
            _ = (await call.Sam.DecideAsync(approval.Id.Value, body, stop)).OrFail();
            report.Line($"{(approves ? "Approved" : "Refused")}: {approval.Id.Value}");
        }
    }

    private static void Show(Report report, PendingApproval approval)
    {
        report.Fields(
            ("approval", approval.Id.Value),
            ("client", approval.Client.Value),
            ("credentialID", approval.Credential.Value),
            ("documents", Report.Number(approval.Digests.Count)),
            ("it calls them", approval.Label.Length == 0 ? null : approval.Label),
            ("short code", ApprovalStatement.ShortCode(approval.Digests)),
            ("until", Report.Time(approval.ExpiresAt)));
        report.Line();
    }
}
