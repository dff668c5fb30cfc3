using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Cli;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.Testing.Certificates;
using Xunit;
using HashAlgorithmName = System.Security.Cryptography.HashAlgorithmName;

namespace Sam.Tests.Cli;

/// <summary>The whole way from nothing to a signature, by the commands that README prints.</summary>
[Trait("Requirement", "CSR-1")]
public sealed partial class CeremonyByCommandsTests : IAsyncLifetime
{
    private const string Issuer = "https://issuer.test";
    private HostedSam _sam = null!;
    private Shell _shell = null!;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync(isInitialized: false);
        _shell = new Shell(_sam.Url, _sam.Officers.Bed.Clock);
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task From_nothing_to_a_signature()
    {
        Assert.Contains("initialised  no", await _shell.RunAsync("console", "status"), StringComparison.Ordinal);
        _shell.Write("secret", _sam.Officers.Secret.Reveal() + "\n");
        JsonElement codes = Json(await _shell.RunAsync(
            "console", "init", "--secret-file", "secret", "--officer", Issuer, "olga", "--officer", Issuer, "otto", "--officer", Issuer, "oona", "--output", "json")).GetProperty("codes");
        foreach (JsonElement code in codes.EnumerateArray())
        {
            string name = code.GetProperty("officer").GetProperty("name").GetString()!;
            _shell.Write($"{name}.code", code.GetProperty("code").GetString()!);
            Assert.Contains("security-officer", await _shell.RunAsync($"console:{name}", "officer", "enrol", "--code-file", $"{name}.code", "--key", $"{name}.pem"), StringComparison.Ordinal);
        }

        string proposal = Json(await _shell.RunAsync(
            "console:olga", "propose", "add-officer", "Rita", "--role", "registration-officer", "--login", Issuer, "rita", "--key", "olga.pem", "--output", "json")).GetProperty("id").GetString()!;
        string change = Field(await _shell.RunAsync("console:otto", "proposal", "show", proposal, "--key", "otto.pem"), "digest");
        _shell.Write("rita.code", Field(await _shell.RunAsync("console:otto", "proposal", "approve", proposal, "--change", change, "--key", "otto.pem"), "code"));
        await _shell.RunAsync("console:rita", "officer", "enrol", "--code-file", "rita.code", "--key", "rita.pem");
        proposal = Field(await _shell.RunAsync("console:olga", "propose", "approve-client", "my-sca", "--key", "olga.pem"), "proposal");
        change = Field(await _shell.RunAsync("console:oona", "proposal", "show", proposal, "--key", "oona.pem"), "digest");
        Assert.Contains("approved", await _shell.RunAsync("console:oona", "proposal", "approve", proposal, "--change", change, "--key", "oona.pem"), StringComparison.Ordinal);

        _shell.Variables["SAM_OFFICER_KEY"] = "rita.pem";
        string signer = Field(
            await _shell.RunAsync(
                "console:rita", "signer", "register", "alice", "--login", Issuer, "alice", "--proofing", "case 7", "--common-name", "署名 太郎", "--country", "JP", "--client", "my-sca"),
            "signer");
        _shell.Write("alice.code", Field(await _shell.RunAsync("console:rita", "signer", "code", signer), "code"));
        _shell.Typed = new Queue<string>(["A-PIN-of-alice-1", "A-PIN-of-alice-1"]);
        Assert.Contains("active", await _shell.RunAsync("portal:alice", "enrol", "--code-file", "alice.code"), StringComparison.Ordinal);

        string credential = Field(await _shell.RunAsync("console:rita", "credential", "create", signer, "p256", "--description", "contracts"), "credentialID");
        string request = await _shell.RunAsync("console:rita", "request", credential, "--out", "alice.csr", "--cms", "alice.cms");
        Assert.Matches(@"commonName +署名 太郎 +署名 太郎\n", request);
        using TestAuthority authority = TestAuthority.Root(Now.AddYears(-1));
        _shell.Write("alice.pem", Certify(authority, await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "alice.csr"), Stop)) + authority.CertificatePem);
        Assert.Contains("certified", await _shell.RunAsync("console:rita", "certificate", credential, "alice.pem"), StringComparison.Ordinal);
        _shell.Input = "A-PIN-of-alice-1\n";
        Assert.Contains("active", await _shell.RunAsync("portal:alice", "confirm", credential, "--pin-file", "-"), StringComparison.Ordinal);

        await SignAsync(credential, "A-PIN-of-alice-1");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _sam.Officers.Bed.Clock.GetUtcNow();

    private async Task SignAsync(string credential, string pin)
    {
        using SamClient sca = new(new Uri(_sam.Url + "/"));
        Secret token = new("my-sca");
        byte[] digest = SHA256.HashData("a contract"u8);
        AuthorizeAnswer authorized = (await sca.AuthorizeAsync(
            token,
            new AuthorizeRequest
            {
                CredentialID = credential,
                NumSignatures = 1,
                Hashes = [digest],
                HashAlgorithmOID = Core.Algorithms.HashAlgorithm.Sha256.Oid,
                AuthData = [new AuthenticationObject { Id = "PIN", Value = new Secret(pin) }],
            },
            Stop)).OrFail();
        SignHashAnswer signed = (await sca.SignHashAsync(
            token,
            new SignHashRequest
            {
                CredentialID = credential,
                SAD = authorized.SAD,
                Hashes = [digest],
                HashAlgorithmOID = Core.Algorithms.HashAlgorithm.Sha256.Oid,
                SignAlgo = SignatureAlgorithm.EcdsaSha256.Oid,
            },
            Stop)).OrFail();
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "alice.pem"), Stop));
        using ECDsa key = certificate.GetECDsaPublicKey()!;
        Assert.True(key.VerifyHash(digest, Assert.Single(signed.Signatures), DSASignatureFormat.Rfc3279DerSequence));
    }

    private string Certify(TestAuthority authority, string csr)
    {
        CertificateRequest request = CertificateRequest.LoadSigningRequestPem(csr, HashAlgorithmName.SHA256);
        byte[] certificate = authority.Issue(new CertificateWish(request.PublicKey.ExportSubjectPublicKeyInfo(), request.SubjectName, Now.AddDays(-1), Now.AddYears(1)));
        return PemEncoding.WriteString("CERTIFICATE", certificate) + "\n";
    }

    private static JsonElement Json(string output) => JsonElement.Parse(output);

    private static string Field(string output, string name)
    {
        Match found = Line().Matches(output).FirstOrDefault(m => m.Groups["name"].Value == name) ?? throw new InvalidOperationException($"{name} is not in:\n{output}");
        return found.Groups["value"].Value;
    }

    [GeneratedRegex(@"^(?<name>\S+( \S+)*)  +(?<value>.*?)\r?$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
