using Sam.Api.Factors;
using Sam.Core;
using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Certificates;
using Sam.Core.Encryption;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11;
using Sam.Storage.Tables;
using Sam.Testing.Csc;
using Sam.Testing.InMemory;
using static Sam.Testing.TestBed.SignerSteps;

namespace Sam.KillPoints;

/// <summary>The real pipeline of a host, without HTTP: the module over Table Storage and PKCS#11, and one signature (or one registration) from its first call to its last.</summary>
internal static class Pipeline
{
    internal static async Task RunAsync(RunPlan plan, Report report)
    {
        Steps steps = new(plan, report);
        await using Pkcs11KeyBackend hsm = await OpenHsmAsync(plan);
        using TableRowStore main = await OpenStoreAsync(plan, TableStoreOptions.MainTables);
        using TableRowStore audit = await OpenStoreAsync(plan, TableStoreOptions.AuditTables);
        string at = "open";
        try
        {
            await using ActivationModule sam = await ActivationModule.OpenAsync(
                Stepped(main, "main", steps), Stepped(audit, "audit", steps), SteppedKeyBackend.Of(hsm, steps), new Argon2idHash(), Options(plan), TimeProvider.System, CancellationToken.None);
            await (plan.Work == Work.Sign ? SignAsync() : RegisterAsync(sam, plan));

            async Task SignAsync()
            {
                at = "authorize";
                Caller caller = new(Client(plan), Login: null);
                CredentialId credential = CredentialId.TryParse(plan.Credential, out CredentialId id) ? id : throw new FormatException("Not a credential.");
                Digest digest = Digest.TryCreate(HashAlgorithm.Sha256, Convert.FromHexString(plan.Digest), out Digest? parsed) ? parsed : throw new FormatException("Not a digest.");
                Result<IssuedSad> authorized = await sam.AuthorizeAsync(new AuthorizeRequest(caller, credential, 1, [digest], new SecretText(plan.Pin)), CancellationToken.None);
                if (authorized.IsRefused(out Refusal? unauthorized, out IssuedSad? issued))
                {
                    report.Write(Report.Refused, $"{at} {unauthorized.Code}");
                    return;
                }

                report.Write(Report.Sad, issued.Sad.Reveal());
                at = "signHash";
                SignatureAlgorithm algorithm = SignatureAlgorithm.All.First(a => a.Fits(KeyAlgorithm.P256) && a.Hash == HashAlgorithm.Sha256);
                Result<IReadOnlyList<byte[]>> signed = await sam.SignHashAsync(new SignHashRequest(caller, credential, issued.Sad, [digest], algorithm), CancellationToken.None);
                if (signed.IsRefused(out Refusal? unsigned, out IReadOnlyList<byte[]>? signatures))
                {
                    report.Write(Report.Refused, $"{at} {unsigned.Code}");
                    return;
                }

                report.Write(Report.Signature, Convert.ToBase64String(signatures.Single()));
            }
        }
        catch (Exception broken) when (broken is RowStoreException or KeyBackendException or AuditUnavailableException)
        {
            report.Write(Report.Refused, $"{at} {broken.GetType().Name}");
            report.Write(Report.Because, $"{broken.Message} {broken.InnerException?.Message}".ReplaceLineEndings(" "));
        }

        report.Write(Report.End, string.Empty);
    }

    /// <summary>Also called by a test that completes what a process left half done: each step has to be repeatable.</summary>
    internal static async Task<TestCredential> RegisterAsync(ActivationModule sam, RunPlan plan)
    {
        ClientId client = Client(plan);
        _ = (await sam.Clients.SetApprovedAsync(client, approved: true, CancellationToken.None)).Value;
        Result<SignerId> registered = await sam.RegisterAsync(plan.UserId, LinkedClients.Of(client), CancellationToken.None);
        SignerId signer = (registered.Refusal?.Code == SamErrorCode.UserIdTaken ? await sam.Signers.FindAsync(plan.UserId, CancellationToken.None) : registered).Value;
        _ = (await sam.SetPinAsync(signer, new SecretText(plan.Pin), CancellationToken.None)).Value;
        (CredentialId credential, SigningKey key) = (await sam.CreateCredentialAsync(signer, KeyAlgorithm.P256, multisign: 1, description: null, CancellationToken.None)).Value;
        byte[] certificate = TestCa.Issue(key.SubjectPublicKeyInfo, RegisteredName);
        _ = (await sam.SetCertificateAsync(credential, [certificate], CancellationToken.None)).Value;
        return new TestCredential(credential.Value, new TestSigner(plan.UserId, plan.Pin), key.Algorithm, certificate);
    }

    /// <summary>Argon2id at its least: PINs are not what is tried here.</summary>
    internal static ActivationModuleOptions Options(RunPlan plan) => new()
    {
        Pin = new PinPolicy { Cost = new PasswordHashCost(8, 1, 1) },
        Activation = new ActivationPolicy { SadLifetime = TimeSpan.FromSeconds(plan.SadLifetimeSeconds) },
        Certificates = new CertificatePolicy { AcceptAnyChain = true },
        Encryption = new EncryptionPolicy { Demand = EncryptionDemand.None },

        // By time, they would come between any two steps.
        Audit = new AuditPolicy { CheckpointInterval = TimeSpan.Zero },
    };

    private static ClientId Client(RunPlan plan) => ClientId.TryParse(plan.Client, out ClientId client) ? client : throw new FormatException("Not a client.");

    /// <summary>
    /// A start is no step of these tests, and on a full machine it may find the token's files locked by a process that stands still: so it is tried again, as whoever runs
    /// a host would.
    /// </summary>
    private static async Task<Pkcs11KeyBackend> OpenHsmAsync(RunPlan plan)
    {
        Pkcs11Options options = new() { ModulePath = plan.ModulePath, TokenLabel = plan.TokenLabel, PinFile = plan.PinFile };
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await Pkcs11KeyBackend.OpenAsync(options, TimeProvider.System, CancellationToken.None);
            }
            catch (KeyBackendException) when (tries < 3)
            {
                await Task.Yield();
            }
        }
    }

    private static Task<TableRowStore> OpenStoreAsync(RunPlan plan, IReadOnlyList<SamTable> tables) => TableRowStore.OpenAsync(
        new TableStoreOptions { ConnectionString = plan.ConnectionString, TablePrefix = plan.TablePrefix, Tables = tables }, TimeProvider.System, CancellationToken.None);

    private static FaultyRowStore Stepped(TableRowStore store, string name, Steps steps) => new(store)
    {
        Before = call =>
        {
            steps.Before(call, Name(name, call));
            return Task.CompletedTask;
        },
        After = call =>
        {
            steps.After(call);
            return Task.CompletedTask;
        },
    };

    /// <summary>With the kind of row where a table has several.</summary>
    private static string Name(string store, RowStoreCall call) =>
        call.Kind == RowStoreCallKind.Time ? $"{store} Time"
        : call.Address is { Table: SamTable.Signers, RowKey.Length: > 0 } ? $"{store} {call.Kind} Signers/{call.Address.RowKey.Split('-')[0]}"
        : $"{store} {call.Kind} {call.Address.Table}";
}
