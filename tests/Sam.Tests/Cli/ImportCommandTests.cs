using System.Security.Cryptography;
using System.Text.Json;
using Sam.Core.Officers;
using Sam.Testing.Officers;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>A key that was made elsewhere, brought in by commands.</summary>
[Trait("Requirement", "T-IMP-1")]
[Trait("Requirement", "T-IMP-2")]
[Trait("Requirement", "T-IMP-4")]
public sealed class ImportCommandTests : IAsyncLifetime
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
        _signer = await RegisterAsync("alice");
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Theory]
    [InlineData("p256")]
    [InlineData("rsa2048")]
    public async Task A_key_comes_in_once(string kind)
    {
        using AsymmetricAlgorithm key = kind == "p256" ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        Write("key.pem", key.ExportEncryptedPkcs8PrivateKeyPem("correct horse", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        string asked = await _shell.RunAsync(Rita, "import", "request", _signer, kind, "--multisign", "3", "--description", "the old key", "--out", "offer.json");
        string print = asked.Split('\n').Single(line => line.StartsWith("exchange key", StringComparison.Ordinal));

        _shell.Variables["SAM_KEY_PASSPHRASE"] = "correct horse";
        string wrapped = await _shell.RunAsync("nobody", "import", "wrap", "offer.json", "--key", "key.pem", "--out", "wrapped.json");
        _shell.Variables.Remove("SAM_KEY_PASSPHRASE");
        Assert.Contains(print.Split("SHA-256 ")[1], wrapped, StringComparison.Ordinal);
        Assert.Matches("(?m)^description +the old key\r?$", wrapped);

        string delivered = await _shell.RunAsync(Rita, "import", "deliver", "wrapped.json");
        Assert.Matches($"(?m)^key +{kind}, imported\r?$", delivered);
        Assert.Matches("(?m)^signatures at once +3\r?$", delivered);
        Assert.Equal((1, "sam: ChallengeUsed: The challenge was used before"), await _shell.FailAsync(Rita, "import", "deliver", "wrapped.json"));
    }

    [Fact]
    public async Task What_was_asked_for_is_what_comes()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _shell.Write("key.pem", key);
        await _shell.RunAsync(Rita, "import", "request", _signer, "p256", "--out", "offer.json");
        JsonElement offer = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "offer.json"), TestContext.Current.CancellationToken));
        Assert.Equal(1, offer.GetProperty("multisign").GetInt32());

        // The holder is told of another number than the officer asked for, or of another signer: what they sign is not what the challenge says.
        string credential = offer.GetProperty("credentialID").GetString()!;
        string bob = await RegisterAsync("bob");
        foreach ((string from, string to) in new[] { ("\"multisign\":1", "\"multisign\":2"), (credential, $"{bob}-{credential.Split('-')[1]}"), ("\"level\":1", "\"level\":2") })
        {
            string changed = offer.GetRawText().Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(offer.GetRawText(), changed);
            _shell.Write("changed.json", changed);
            await _shell.RunAsync("nobody", "import", "wrap", "changed.json", "--key", "key.pem", "--out", "changed.wrapped");
            (int code, string error) = await _shell.FailAsync(Rita, "import", "deliver", "changed.wrapped");
            Assert.Equal(1, code);
            Assert.Matches("PossessionNotProved|ChallengeInvalid", error);
            File.Delete(Path.Combine(_shell.Folder, "changed.wrapped"));
        }
    }

    [Fact]
    public async Task What_cannot_be_wrapped_is_said()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        _shell.Write("key.pem", key);
        await _shell.RunAsync(Rita, "import", "request", _signer, "p256", "--out", "offer.json");
        Assert.Equal(
            (1, "sam: A key of kind p256 is asked for: this is another."), await _shell.FailAsync("nobody", "import", "wrap", "offer.json", "--key", "key.pem", "--out", "wrapped.json"));
        Assert.Contains("is not what sam import wrote", (await _shell.FailAsync("nobody", "import", "wrap", "key.pem", "--key", "key.pem", "--out", "wrapped.json")).Error, StringComparison.Ordinal);
        Assert.Equal(1, (await _shell.FailAsync(Rita, "import", "request", _signer, "p256", "--out", "offer.json")).ExitCode);
    }

    private void Write(string name, string pem)
    {
        _shell.Write(name, pem);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(_shell.Folder, name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private async Task<string> RegisterAsync(string name)
    {
        string signer = JsonElement.Parse(await _shell.RunAsync(
            Rita, "signer", "register", name, "--login", "https://issuer.test", name, "--proofing", "case 7", "--common-name", name, "--country", "JP", "--output", "json")).GetProperty("id").GetString()!;
        _shell.Input = JsonElement.Parse(await _shell.RunAsync(Rita, "signer", "code", signer, "--output", "json")).GetProperty("code").GetString() + "\n739154\n";
        await _shell.RunAsync($"portal:{name}", "enrol", "--code-file", "-", "--pin-file", "-");
        return signer;
    }
}
