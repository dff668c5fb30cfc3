using System.CommandLine;
using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Core.Factors;

namespace Sam.Cli.Commands;

/// <summary><c>sam import</c>: a key that was made elsewhere, in three steps. Its holder needs no access to the SAM, and the officers see nothing that opens the key.</summary>
internal static class ImportCommands
{
    internal static Command Create(AdminCommands commands) => new("import", "Keys that were made elsewhere: asked for by an officer, wrapped by their holder, brought by the officer.")
    {
        Request(commands),
        Wrap(commands),
        Deliver(commands),
    };

    private static Command Request(AdminCommands commands)
    {
        Argument<string> signer = Ids.Signer();
        KeyOptions wanted = new();
        Option<string> file = new("--out") { Description = "The new file for the holder of the key.", HelpName = "FILE", Required = true };
        return commands.Officer(
            "request",
            "Asks for a signer's key. Tell the holder the fingerprint of the exchange key on another way: who exchanges it in the file can read their key.",
            [signer, .. wanted.Symbols, file],
            async (call, stop) =>
            {
                KeyBody body = wanted.Read(call);
                var reply = await call.Sam.RequestImportAsync(call.Get(signer), body, stop);
                ImportRecord offer = reply.OrFail().Value;
                int level = body.Level ?? LevelPolicy.Lowest;
                ImportFiles.Write(
                    call.PathOf(call.Get(file)!),
                    new ImportOfferFile
                    {
                        CredentialID = offer.CredentialID,
                        Key = body.Key,
                        Multisign = body.Multisign ?? 1,
                        Level = level,
                        Authorization = body.Authorization ?? KeyAuthorization.DefaultOf(level).Name,
                        Description = body.Description,
                        Challenge = offer.Challenge,
                        ExchangeKey = offer.ExchangeKey,
                        ExpiresAt = offer.ExpiresAt,
                    },
                    AdminJson.Default.ImportOfferFile);
                return reply;
            },
            (report, offer) => report.Fields(
                ("credentialID", offer.CredentialID), ("exchange key", Fingerprint(offer.ExchangeKey)), ("good until", Report.Time(offer.ExpiresAt))));
    }

    private static Command Wrap(AdminCommands commands)
    {
        Argument<string> offer = new("FILE") { Description = "What sam import request wrote." };
        Option<string> key = new("--key") { Description = "The key: PKCS#8, PEM, for your eyes alone.", HelpName = "FILE", Required = true };
        Option<string> file = new("--out") { Description = "The new file for the officer.", HelpName = "FILE", Required = true };
        return commands.Alone(
            "wrap",
            "Wraps a key for the HSM, and signs with it for whom and as what it is. Asks no SAM. Compare the fingerprint with the officer's.",
            [offer, key, file],
            (host, parsed) =>
            {
                ImportOfferFile wanted = ImportFiles.Read(PathOf(host, parsed.GetRequiredValue(offer)), AdminJson.Default.ImportOfferFile);
                string path = PathOf(host, parsed.GetRequiredValue(key));
                using AsymmetricAlgorithm held = wanted.ToRequest().Request.Algorithm.IsRsa ? RSA.Create() : ECDsa.Create();
                OfficerKeyFile.Read(path, held, () => commands.Passphrase(path));
                ImportFiles.Write(PathOf(host, parsed.GetRequiredValue(file)), KeyWrapping.Wrap(wanted, held), AdminJson.Default.ImportDeliveryFile);
                new Report(host.Out).Fields(
                    ("credentialID", wanted.CredentialID),
                    ("key", wanted.Key),
                    ("level", Report.Number(wanted.Level)),
                    ("authorized by", wanted.Authorization),
                    ("signatures at once", Report.Number(wanted.Multisign)),
                    ("description", wanted.Description),
                    ("exchange key", Fingerprint(wanted.ExchangeKey)),
                    ("good until", Report.Time(wanted.ExpiresAt)));
            });
    }

    private static Command Deliver(AdminCommands commands)
    {
        Argument<string> file = new("FILE") { Description = "What sam import wrap wrote." };
        return commands.Officer(
            "deliver",
            "Brings a wrapped key. The HSM alone opens it, once; its credential is marked as imported, and awaits its certificate.",
            [file],
            (call, stop) =>
            {
                ImportDeliveryFile delivery = ImportFiles.Read(call.PathOf(call.Get(file)), AdminJson.Default.ImportDeliveryFile);
                return call.Sam.ImportAsync(delivery.ToCredential().Signer.Value, delivery.Delivery, stop);
            },
            CredentialCommands.Show);
    }

    private static string Fingerprint(byte[] key) => "SHA-256 " + Convert.ToHexStringLower(SHA256.HashData(key));

    private static string PathOf(CliHost host, string file) => Path.GetFullPath(file, host.WorkingDirectory);
}
