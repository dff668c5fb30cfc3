using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Values;
using Sam.KeyBackends.Pkcs11;
using Sam.Testing.Csc;
using Sam.Testing.Hsm;
using Sam.Testing.Tables;
using Xunit;
using HashAlgorithm = Sam.Core.Algorithms.HashAlgorithm;

namespace Sam.IntegrationTests.Hosts;

/// <summary>A signature made behind the SAM's back, by somebody with the HSM's PIN, is named: the HSM's own log against the audit of a real host, by an auditor with nothing but their key.</summary>
[Trait("Requirement", "T-INS-1")]
[Trait("Requirement", "T-INS-2")]
[Trait("Requirement", "SIG-5")]
public sealed class ReconcileTests : IDisposable
{
    private readonly SoftHsmFixture _hsm;
    private readonly AzuriteFixture _azurite;
    private readonly Auditor _auditor;

    public ReconcileTests(SoftHsmFixture hsm, AzuriteFixture azurite)
    {
        _hsm = hsm;
        _azurite = azurite;
        _auditor = new Auditor(azurite);
    }

    public void Dispose() => _auditor.Dispose();

    [Fact]
    public async Task A_signature_behind_the_sams_back_is_named()
    {
        Pkcs11Shim shim = _hsm.CreateShim();
        string log = shim.LogSignatures();
        Deployment deployment = new(_hsm, _azurite);
        await using LocalHostProcess host = await deployment.StartAsync(("Sam__Pkcs11__ModulePath", shim.ModulePath), ("Sam__Audit__CheckpointInterval", "00:00:01"));
        (CscClient client, TestCredential credential) = await host.MakeAsync();
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        _ = await client.SignHashAsync(credential, await client.GetSadAsync(credential, digest), [digest]);
        await _auditor.EnrolAsync(host);

        string[] reconcile = ["audit", "reconcile", "--table", deployment.TablePrefix + nameof(SamTable.Audit), "--hsm-log", log, "--to-the-end"];
        (int exitCode, string output, string error) = await _auditor.RunAsync(host, reconcile);
        Assert.True(exitCode == 0, output + error);
        Assert.Matches("compared; [1-9][0-9]* uses of the SAM's own keys not judged\n", output);
        Assert.Matches("signatures +2\n", output);

        AuditRecord released = (await deployment.ReadAuditAsync()).Single(r => r.Event == AuditEvent.SignaturesReleased);
        await SignBehindAsync(deployment, shim, KeyReference.Parse(released.Key!));
        (exitCode, output, error) = await _auditor.RunAsync(host, reconcile);
        Assert.Equal((1, "sam: The audit and what was done do not agree: 1 strays.\n"), (exitCode, error));
        Assert.Contains($"key {released.Key}: the HSM made a signature at ", output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "SYS-4")]
    public async Task A_signature_is_proved_under_a_checkpoint_of_a_real_hsm()
    {
        Deployment deployment = new(_hsm, _azurite);
        await using LocalHostProcess host = await deployment.StartAsync(("Sam__Audit__CheckpointInterval", "00:00:01"));
        (CscClient client, TestCredential credential) = await host.MakeAsync();
        byte[] document = RandomNumberGenerator.GetBytes(1000);
        byte[] digest = SHA256.HashData(document);
        CscReply signed = await client.SignHashAsync(credential, await client.GetSadAsync(credential, digest), [digest]);
        await File.WriteAllBytesAsync(Path.Combine(_auditor.Folder, "document"), document, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_auditor.Folder, "signature"), Assert.Single(signed.Signatures), TestContext.Current.CancellationToken);
        await _auditor.EnrolAsync(host);
        _ = await _auditor.DoAsync(host, "identity", "--out", "sam.pem");

        // The checkpoint comes by itself, within a second or two.
        string[] prove = ["audit", "prove", "document", "signature", "--table", deployment.TablePrefix + nameof(SamTable.Audit), "--out", "proof.json"];
        (int ExitCode, string Output, string Error) proved;
        do
        {
            proved = await _auditor.RunAsync(host, prove);
        }
        while (proved.Error.Contains("No checkpoint", StringComparison.Ordinal));

        Assert.Equal((0, string.Empty), (proved.ExitCode, proved.Error));
        Assert.Equal(proved.Output, await _auditor.DoAsync(host, "audit", "check-proof", "proof.json", "document", "signature", "--certificate", "sam.pem"));
        TestContext.Current.TestOutputHelper!.WriteLine($"proof: {new FileInfo(Path.Combine(_auditor.Folder, "proof.json")).Length} bytes\n{proved.Output}");
    }

    private async Task SignBehindAsync(Deployment deployment, Pkcs11Shim shim, KeyReference key)
    {
        Pkcs11Options options = new() { ModulePath = shim.ModulePath, TokenLabel = deployment.Settings()["Sam__Pkcs11__TokenLabel"], PinFile = _hsm.PinFile };
        await using Pkcs11KeyBackend insider = await Pkcs11KeyBackend.OpenAsync(options, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(Digest.TryCreate(HashAlgorithm.Sha256, SHA256.HashData("what the signer never saw"u8), out Digest? digest));
        Assert.Single(await insider.SignDigestsAsync(key, SignatureAlgorithm.EcdsaSha256, [digest], TestContext.Current.CancellationToken));
    }
}
