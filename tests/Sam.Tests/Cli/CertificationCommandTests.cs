using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Sam.Core.Officers;
using Sam.Testing.Certificates;
using Sam.Testing.Officers;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>What is checked before a certification request is handed to an authority, and what is taken for a certificate.</summary>
[Trait("Requirement", "CSR-1")]
[Trait("Requirement", "T-CSR-1")]
public sealed class CertificationCommandTests : IAsyncLifetime
{
    private const string Rita = "console:rita";
    private HostedSam _sam = null!;
    private Shell _shell = null!;
    private string _signer = null!;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        TestOfficer rita = await _sam.Officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
        _shell = new Shell(_sam.Url, _sam.Officers.Bed.Clock);
        _shell.Variables["SAM_OFFICER_KEY"] = _shell.Write("rita.pem", rita.Key);
        _signer = JsonElement.Parse(await _shell.RunAsync(
            Rita, "signer", "register", "alice", "--login", "https://issuer.test", "alice", "--proofing", "case 7", "--common-name", "Alice Example", "--given-name", "Alice", "--surname", "Example",
            "--serial-number", "PASJP-TK1234567", "--organization", "Example", "--organizational-unit", "Law", "--organization-identifier", "NTRJP-0104-01-123456", "--country", "JP",
            "--email", "alice@example.jp", "--output", "json")).GetProperty("id").GetString()!;
        _shell.Input = JsonElement.Parse(await _shell.RunAsync(Rita, "signer", "code", _signer, "--output", "json")).GetProperty("code").GetString() + "\n739154\n";
        await _shell.RunAsync("portal:alice", "enrol", "--code-file", "-", "--pin-file", "-");
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Theory]
    [InlineData("rsa2048")]
    [InlineData("p384")]
    [InlineData("p521")]
    public async Task A_request_is_checked_by_the_certificate_that_the_officer_keeps(string kind)
    {
        string credential = await CreateAsync(kind);
        Assert.Matches("^SHA-256  [0-9a-f]{64}\r?\n$", await _shell.RunAsync("console", "identity", "--out", "sam.pem"));
        string shown = await _shell.RunAsync(Rita, "request", credential, "--identity", "sam.pem", "--out", "alice.csr", "--cms", "alice.cms");
        foreach (string attribute in new[] { "email +alice@example.jp", "organizationIdentifier +NTRJP-0104-01-123456", "givenName +Alice" })
        {
            Assert.Matches($"(?m)^{attribute} +\\S", shown);
        }

        Assert.StartsWith("-----BEGIN CERTIFICATE REQUEST-----", Read("alice.csr"), StringComparison.Ordinal);
        Assert.StartsWith("-----BEGIN CMS-----", Read("alice.cms"), StringComparison.Ordinal);
        Assert.Equal(1, (await _shell.FailAsync(Rita, "request", credential, "--out", "rita.pem")).ExitCode);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", Read("rita.pem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_of_another_SAM_is_not_written()
    {
        using TestAuthority another = TestAuthority.Root(DateTimeOffset.UnixEpoch);
        Assert.Equal(
            (1, "sam: The request does not verify: the SAM's own key did not sign it."),
            await _shell.FailAsync(Rita, "request", await CreateAsync("p256"), "--identity", _shell.Write("another.pem", another.CertificatePem), "--out", "alice.csr"));
        Assert.False(File.Exists(Path.Combine(_shell.Folder, "alice.csr")));
    }

    [Fact]
    public async Task Certificates_come_in_PEM_and_DER_and_others_are_said_to_be_none()
    {
        string credential = await CreateAsync("p256");
        await _shell.RunAsync(Rita, "request", credential, "--out", "alice.csr");
        CertificateRequest request = CertificateRequest.LoadSigningRequestPem(Read("alice.csr"), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        DateTimeOffset now = _sam.Officers.Bed.Clock.GetUtcNow();
        using TestAuthority authority = TestAuthority.Root(now.AddYears(-1));
        byte[] certificate = authority.Issue(new CertificateWish(request.PublicKey.ExportSubjectPublicKeyInfo(), request.SubjectName, now.AddDays(-1), now.AddYears(1)) { Extensions = [.. request.CertificateExtensions] });
        await File.WriteAllBytesAsync(Path.Combine(_shell.Folder, "alice.der"), certificate, TestContext.Current.CancellationToken);
        _shell.Write("root.pem", "Subject: a comment of openssl's\n" + authority.CertificatePem);

        Assert.Equal((1, $"sam: {Path.Combine(_shell.Folder, "alice.csr")} holds no certificate, in PEM or DER."), await _shell.FailAsync(Rita, "certificate", credential, "alice.csr"));
        Assert.Equal((1, "sam: CertificateOfAnotherKey: The certificate is for another key (certificates)"), await _shell.FailAsync(Rita, "certificate", credential, "root.pem", "alice.der"));
        Assert.Matches("(?m)^certificates +2\r?$", await _shell.RunAsync(Rita, "certificate", credential, "alice.der", "root.pem"));
        Assert.Equal((1, "sam: PinWrong: The PIN is wrong"), await _shell.FailAsync("portal:alice", "confirm", credential, "--pin-file", _shell.Write("pin", "1")));
    }

    private async Task<string> CreateAsync(string kind) =>
        JsonElement.Parse(await _shell.RunAsync(Rita, "credential", "create", _signer, kind, "--output", "json")).GetProperty("credentialID").GetString()!;

    private string Read(string name) => File.ReadAllText(Path.Combine(_shell.Folder, name));
}
