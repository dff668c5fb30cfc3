using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary><c>sam credential</c>: keys of signers, as registration officers see to them.</summary>
internal static class CredentialCommands
{
    internal static Command Create(AdminCommands commands) => new("credential", "Signers' keys and their certificates.")
    {
        New(commands),
        List(commands),
        Find(commands),
        Act(commands, "suspend", "suspension", "Stops a key for now."),
        Act(commands, "resume", "resumption", "Lets a suspended key be used again."),
        Act(commands, "revoke", "revocation", "Stops a key for good. Its certificate is for its authority to revoke."),
        Act(commands, "destroy", "destruction", "Destroys a key in the HSM."),
    };

    internal static void Show(Report report, CredentialRecord credential)
    {
        report.Fields(
            ("credentialID", credential.CredentialID),
            ("signer", credential.Signer),
            ("status", credential.Status),
            ("key", credential.Imported ? $"{credential.Key}, imported" : credential.Key),
            ("level", Report.Number(credential.Level)),
            ("authorized by", credential.Authorization),
            ("signatures at once", Report.Number(credential.Multisign)),
            ("description", credential.Description),
            ("certificates", Report.Number(credential.Certificates.Count)),
            ("subject", credential.Certificates is [{ } first, ..] ? SubjectOf(first) : null),
            ("key destroyed", credential.KeyDestroyed ? "yes" : null),
            ("key destroyed by", credential.DestroyPendingUntil is { } until ? Report.Time(until) : null));
        if (credential.History is { } history)
        {
            SignerCommands.ShowHistory(report, history);
        }
    }

    internal static void ShowList(Report report, IReadOnlyList<CredentialRecord> credentials) => report.Table(
        ["CREDENTIALID", "STATUS", "KEY", "DESCRIPTION"], credentials.Select(c => new[] { c.CredentialID, c.Status, c.Key, c.Description ?? string.Empty }));

    private static Command New(AdminCommands commands)
    {
        Argument<string> signer = Ids.Signer();
        KeyOptions wanted = new();
        return commands.Make(
            "create",
            "Makes a key for a signer in the HSM.",
            [signer, .. wanted.Symbols],
            (call, stop) => call.Sam.CreateCredentialAsync(call.Get(signer), wanted.Read(call), call.IdempotencyKey, stop),
            Show);
    }

    private static Command List(AdminCommands commands)
    {
        Argument<string> signer = Ids.Signer();
        return commands.Officer(
            "list", "Lists a signer's keys.", [signer], (call, stop) => call.Sam.ListCredentialsAsync(call.Get(signer), stop), (report, all) => ShowList(report, all.Items));
    }

    private static Command Find(AdminCommands commands)
    {
        Argument<string> id = Ids.Credential();
        return commands.Officer("show", "Shows a key, and what was done with it.", [id], (call, stop) => call.Sam.FindCredentialAsync(call.Get(id), stop), Show);
    }

    private static Command Act(AdminCommands commands, string name, string act, string description)
    {
        Argument<string> id = Ids.Credential();
        return commands.Change(
            name,
            description,
            [id, commands.Options.Reason],
            async (call, stop) =>
            {
                string version = await call.VersionAsync(() => call.Sam.FindCredentialAsync(call.Get(id), stop));
                return await call.Sam.ChangeCredentialAsync(call.Get(id), act, call.Reason, version, stop);
            },
            Show);
    }

    private static string SubjectOf(byte[] certificate)
    {
        try
        {
            using X509Certificate2 parsed = X509CertificateLoader.LoadCertificate(certificate);
            return parsed.Subject;
        }
        catch (CryptographicException)
        {
            return "unreadable";
        }
    }
}
