using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Sam.Cli;
using Sam.Cli.Http;
using Sam.Testing.TestBed;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>The reference of a page: what is typed here leaves encrypted, for the SAM whose certificate one has.</summary>
[Trait("Requirement", "ACT-1")]
public sealed class FactorCommandTests : IAsyncLifetime
{
    private const string Alice = "phone:alice";

    private readonly byte[] _document = SHA256.HashData("a contract"u8);
    private HostedSam _sam = null!;
    private Shell _shell = null!;
    private SamClient _sca = null!;
    private TestSigner _alice = null!;
    private string _challenge = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Secret Client => new("sca");

    private SamTestBed Bed => _sam.Officers.Bed;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        _shell = new Shell(_sam.Url, Bed.Clock);
        _sca = new SamClient(new Uri(_sam.Url + "/"));
        _alice = await Bed.AddSignerAsync();
        _shell.Write("pin", _alice.Pin.Reveal());
        await _shell.RunAsync(Alice, "identity", "--out", "sam.pem");
        _challenge = (await _sca.GetChallengeAsync(Client, new ChallengeRequest { CredentialID = _alice.Credential.Value, AuthObjectID = "FACTORS-JWE" }, Stop)).OrFail().Challenge;
    }

    public async ValueTask DisposeAsync()
    {
        _sca.Dispose();
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task What_is_encrypted_here_authorizes_and_no_PIN_is_printed()
    {
        string shown = await _shell.RunAsync(
            Alice, "factors", "encrypt", _challenge, "--hash", Convert.ToHexString(_document), "--description", "a contract", "--certificate", "sam.pem", "--pin-file", "pin");
        Assert.DoesNotContain(_alice.Pin.Reveal(), shown, StringComparison.Ordinal);
        Assert.Matches("(?m)^client +sca\r?$", shown);
        AuthorizeRequest request = new()
        {
            CredentialID = _alice.Credential.Value,
            NumSignatures = 1,
            Hashes = [_document],
            HashAlgorithmOID = "2.16.840.1.101.3.4.2.1",
            Description = "a contract",
            AuthData = [new AuthenticationObject { Id = "FACTORS-JWE", Value = new Secret(Regex.Match(shown, @"(?m)^answer +(\S+)\s*$").Groups[1].Value) }],
        };
        Assert.NotNull((await _sca.AuthorizeAsync(Client, request, Stop)).OrFail().SAD);
    }

    [Fact]
    [Trait("Requirement", "T-USE-2")]
    public async Task Nothing_is_encrypted_to_a_key_that_the_SAM_did_not_sign()
    {
        using ECDsa mallory = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 theirs = new CertificateRequest("CN=SAM", mallory, HashAlgorithmName.SHA256).CreateSelfSigned(Bed.Clock.GetUtcNow().AddDays(-1), Bed.Clock.GetUtcNow().AddDays(1));
        _shell.Write("theirs.pem", theirs.ExportCertificatePem());
        string[] command = ["factors", "encrypt", _challenge, "--hash", Convert.ToHexString(_document), "--pin-file", "pin", "--certificate"];
        Assert.Equal(
            (1, "sam: What is published as keys for factors is not signed by this SAM, or too old. Nothing was encrypted."), await _shell.FailAsync(Alice, [.. command, "theirs.pem"]));
        Bed.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((1, "sam: The challenge's time is over: the application gets another."), await _shell.FailAsync(Alice, [.. command, "sam.pem"]));
        Assert.Equal((2, "sam: This is no challenge."), await _shell.FailAsync(Alice, "factors", "encrypt", "x", "--hash", Convert.ToHexString(_document), "--pin-file", "pin", "--certificate", "sam.pem"));
    }
}
