using System.CommandLine;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary><c>sam signer</c>: signers, as registration officers see to them.</summary>
internal static class SignerCommands
{
    internal static Command Create(AdminCommands commands) => new("signer", "Signers.")
    {
        Register(commands),
        commands.Officer(
            "list",
            "Lists the signers.",
            [],
            (call, stop) => call.Sam.ListSignersAsync(stop),
            (report, signers) => report.Table(
                ["SIGNER", "USER ID", "STATUS", "NAME", "SUBJECT", "ISSUER"], signers.Items.Select(s => new[] { s.Id, s.UserID, s.Status, s.Identity.CommonName, s.Subject, s.Issuer }))),
        Find(commands),
        Clients(commands),
        Code(commands),
        Act(commands, "suspend", "suspension", "Stops a signer for now."),
        Act(commands, "resume", "resumption", "Lets a suspended signer sign again."),
        Act(commands, "unlock", "unlocking", "Gives a signer the attempts at their PIN back. The PIN stays what it was."),
        Act(commands, "close", "closure", "Ends a signer for good."),
        RemoveDevice(commands),
    };

    internal static void Show(Report report, SignerRecord signer)
    {
        IdentityRecord name = signer.Identity;
        report.Fields(
            ("signer", signer.Id),
            ("user id", signer.UserID),
            ("status", signer.Status),
            ("login", $"{signer.Subject} at {signer.Issuer}"),
            ("clients", signer.AnyClient ? "any" : string.Join(' ', signer.Clients)),
            ("proofing", signer.Proofing),
            ("common name", name.CommonName),
            ("given name", name.GivenName),
            ("surname", name.Surname),
            ("serial number", name.SerialNumber),
            ("organization", name.Organization),
            ("organizational unit", name.OrganizationalUnit),
            ("organization identifier", name.OrganizationIdentifier),
            ("country", name.Country),
            ("email", name.Email));
        if (signer.Devices.Count > 0)
        {
            report.Line();
            report.Table(["DEVICE", "NAME"], signer.Devices.Select(d => new[] { d.Id, d.Name }));
        }

        ShowHistory(report, signer.History);
    }

    internal static void ShowHistory(Report report, IReadOnlyList<ChangeRecord> history)
    {
        report.Line();
        report.Table(["AT", "WHAT", "BY", "WHY"], history.Select(c => new[] { Report.Time(c.At), c.What, c.By, c.Reason ?? string.Empty }));
    }

    private static Command Register(AdminCommands commands)
    {
        Argument<string> userId = new("USERID") { Description = "What applications call the signer." };
        LoginOption login = new("The signer's login: issuer and subject.");
        Option<string> proofing = new("--proofing") { Description = "Where the proof of their identity is kept.", HelpName = "REFERENCE", Required = true };
        Option<string[]> clients = new("--client") { Description = "A client that may act for the signer; may be given more than once.", HelpName = "CLIENT" };
        IdentityOptions identity = new();
        return commands.Make(
            "register",
            "Registers somebody whose identity was proofed.",
            [userId, login.Option, proofing, clients, .. identity.All],
            (call, stop) => call.Sam.RegisterAsync(
                new RegistrationBody
                {
                    UserID = call.Get(userId),
                    Issuer = login.Read(call).Issuer,
                    Subject = login.Read(call).Subject,
                    Proofing = call.Get(proofing)!,
                    Identity = identity.Read(call),
                    Clients = call.Get(clients) ?? [],
                },
                call.IdempotencyKey,
                stop),
            Show);
    }

    private static Command Find(AdminCommands commands)
    {
        Argument<string> id = Ids.Signer();
        return commands.Officer("show", "Shows a signer, and what was done with them.", [id], (call, stop) => call.Sam.FindSignerAsync(call.Get(id), stop), Show);
    }

    private static Command Clients(AdminCommands commands)
    {
        Argument<string> id = Ids.Signer();
        Argument<string[]> clients = new("CLIENT") { Description = "The clients that may act for the signer from now on; without any, none may.", Arity = ArgumentArity.ZeroOrMore };
        return commands.Change(
            "clients",
            "Says which clients may act for a signer.",
            [id, clients],
            async (call, stop) =>
            {
                string version = await call.VersionAsync(() => call.Sam.FindSignerAsync(call.Get(id), stop));
                return await call.Sam.SetClientsAsync(call.Get(id), call.Get(clients), version, stop);
            },
            Show);
    }

    private static Command Act(AdminCommands commands, string name, string act, string description)
    {
        Argument<string> id = Ids.Signer();
        return commands.Change(
            name,
            description,
            [id, commands.Options.Reason],
            async (call, stop) =>
            {
                string version = await call.VersionAsync(() => call.Sam.FindSignerAsync(call.Get(id), stop));
                return await call.Sam.ChangeSignerAsync(call.Get(id), act, call.Reason, version, stop);
            },
            Show);
    }

    private static Command RemoveDevice(AdminCommands commands)
    {
        Argument<string> id = Ids.Signer();
        Argument<string> device = Ids.Device();
        return commands.Change(
            "device-removal",
            "Takes a lost device from a signer. What it has approved and is not used yet ends.",
            [id, device, commands.Options.Reason],
            async (call, stop) =>
            {
                string version = await call.VersionAsync(() => call.Sam.FindSignerAsync(call.Get(id), stop));
                return await call.Sam.RemoveDeviceAsync(call.Get(id), new DeviceRemovalBody { Device = call.Get(device), Reason = call.Reason }, version, stop);
            },
            Show);
    }

    private static Command Code(AdminCommands commands)
    {
        Argument<string> id = Ids.Signer();
        Option<bool> qr = new("--qr") { Description = "Shows it for a device's camera, too, with where it is good: samdevice:enrol?sam=...&deployment=...&code=..." };
        Func<Secret, string>? toUri = null;
        return commands.Make(
            "code",
            "Makes an enrolment code, for the signer's eyes alone; the one before it ends.",
            [id, qr],
            async (call, stop) =>
            {
                if (call.Get(qr))
                {
                    string deployment = (await call.Sam.GetStatusAsync(stop)).OrFail().Value.Deployment;
                    toUri = code => DeviceCode.ToUri(call.Sam.Address, deployment, code);
                }

                return await call.Sam.IssueCodeAsync(call.Get(id), call.IdempotencyKey, stop);
            },
            (report, made) =>
            {
                report.Fields(("code", made.Code.Reveal()), ("for devices", toUri?.Invoke(made.Code)), ("good until", Report.Time(made.ExpiresAt)));
                if (toUri is not null)
                {
                    QrCode.Draw(report, toUri(made.Code));
                }
            });
    }
}
