using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Sam.Cli.Admin;

namespace Sam.Cli.Commands;

/// <summary><c>sam identity</c>, <c>sam request</c> and <c>sam certificate</c>: from a key to a certificate.</summary>
internal static class CertificationCommands
{
    internal static IEnumerable<Command> Create(AdminCommands commands)
    {
        yield return Identity(commands);
        yield return Request(commands);
        yield return Certificate(commands);
    }

    private static Command Identity(AdminCommands commands)
    {
        Option<string> file = new("--out") { Description = "The new file for the certificate, PEM.", HelpName = "FILE", Required = true };
        return commands.User(
            "identity",
            "Writes the SAM's own certificate, by which its requests are known. Compare the fingerprint with who runs the SAM, once; sam request --identity takes the file.",
            [file],
            async (call, stop) =>
            {
                var reply = await call.Sam.GetIdentityCertificateAsync(stop);
                Write(call, call.Get(file), "CERTIFICATE", reply.OrFail().Value.Certificate);
                return reply;
            },
            (report, identity) => report.Fields(("SHA-256", Convert.ToHexStringLower(SHA256.HashData(identity.Certificate)))));
    }

    private static Command Request(AdminCommands commands)
    {
        Argument<string> id = Ids.Credential();
        Option<string?> pkcs10 = new("--out") { Description = "The new file for the request: PKCS#10, PEM.", HelpName = "FILE" };
        Option<string?> cms = new("--cms") { Description = "The new file for the request under the SAM's own signature: CMS, PEM.", HelpName = "FILE" };
        Option<string?> identity = new("--identity")
        {
            Description = "The SAM's own certificate as you know it, PEM or DER. Without it, the one that the SAM shows is taken.",
            HelpName = "FILE",
        };
        Command command = commands.Officer(
            "request",
            "Has a certification request made and checks it: signed by the SAM, for this key, in the registered name. Only such a one is written.",
            [id, pkcs10, cms, identity],
            async (call, stop) =>
            {
                CredentialRecord credential = (await call.Sam.FindCredentialAsync(call.Get(id), stop)).OrFail().Value;
                IdentityRecord registered = (await call.Sam.FindSignerAsync(credential.Signer, stop)).OrFail().Value.Identity;
                byte[] trusted = call.Get(identity) is { } file
                    ? CertificateFiles.Read([call.PathOf(file)])[0]
                    : (await call.Sam.GetIdentityCertificateAsync(stop)).OrFail().Value.Certificate;
                var reply = await call.Sam.RequestCertificateAsync(credential.CredentialID, stop);
                RequestRecord made = reply.OrFail().Value;
                SealedRequest request = SealedRequest.Open(made.Request, trusted) ?? throw new CommandFailure("The request does not verify: the SAM's own key did not sign it.");
                if (!made.Matches || !request.IsFor(credential.PublicKey) || !request.Names(registered))
                {
                    ShowNames(new Report(call.Host.Error), made);
                    throw new CommandFailure("The request is not in the registered name, or for another key. Nothing was written.");
                }

                Write(call, call.Get(pkcs10), "CERTIFICATE REQUEST", request.Pkcs10);
                Write(call, call.Get(cms), "CMS", made.Request);
                return reply;
            },
            (report, made) =>
            {
                ShowNames(report, made);
                report.Line();
                report.Line("The request is in the registered name, for this key, and signed by the SAM.");
            });
        command.Validators.Add(result =>
        {
            if (result.GetResult(pkcs10) is null && result.GetResult(cms) is null)
            {
                result.AddError("--out FILE or --cms FILE is wanted.");
            }
        });
        return command;
    }

    private static Command Certificate(AdminCommands commands)
    {
        Argument<string> id = Ids.Credential();
        Argument<string[]> files = new("FILE") { Description = "The certificate and then its chain: PEM, several in one file or not, or DER.", Arity = ArgumentArity.OneOrMore };
        return commands.Change(
            "certificate",
            "Gives a key its certificate. Its signer confirms it.",
            [id, files],
            async (call, stop) =>
            {
                IReadOnlyList<byte[]> chain = CertificateFiles.Read(call.Get(files).Select(call.PathOf));
                string version = await call.VersionAsync(() => call.Sam.FindCredentialAsync(call.Get(id), stop));
                return await call.Sam.SetCertificateAsync(call.Get(id), chain, version, stop);
            },
            CredentialCommands.Show);
    }

    private static void ShowNames(Report report, RequestRecord made)
    {
        IEnumerable<string> names = made.Registered.Concat(made.InRequest).Select(p => p.Name).Distinct();
        report.Table(["ATTRIBUTE", "REGISTERED", "IN THE REQUEST"], names.Select(name => new[] { name, Value(made.Registered, name), Value(made.InRequest, name) }));
    }

    private static string Value(IReadOnlyList<NamePartRecord> parts, string name) => string.Join(" + ", parts.Where(p => p.Name == name).Select(p => p.Value));

    private static void Write(AdminCall call, string? file, string label, byte[] der)
    {
        if (file is null)
        {
            return;
        }

        // New: a slip must not cost somebody their key.
        using FileStream stream = new(call.PathOf(file), FileMode.CreateNew, FileAccess.Write);
        stream.Write(Encoding.ASCII.GetBytes(PemEncoding.WriteString(label, der) + "\n"));
    }
}
