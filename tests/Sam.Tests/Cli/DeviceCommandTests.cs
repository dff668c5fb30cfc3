using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Cli;
using Sam.Cli.Http;
using Sam.Core.Algorithms;
using Sam.Core.Factors;
using Sam.Core.Officers;
using Sam.Testing.Certificates;
using Sam.Testing.Officers;
using Sam.Tests.Architecture;
using Sam.Tests.Factors;
using Xunit;
using HashAlgorithmName = System.Security.Cryptography.HashAlgorithmName;

namespace Sam.Tests.Cli;

/// <summary>A signer's device as a file, from its enrolment to what it approves, against the real API.</summary>
[Trait("Requirement", "ACT-2")]
[Trait("Requirement", "SIG-2d")]
public sealed class DeviceCommandTests : IAsyncLifetime
{
    private const string Rita = "console:rita";
    private const string Alice = "phone:alice";
    private const string Pin = "739154-of-alice";

    // Of the documents below, by openssl: their hashes, lower-case, sort | openssl dgst -sha256 -binary | base32 | cut -c1-8
    private const string ShortCode = "26T3UMOM";

    private static readonly byte[][] _documents = [SHA256.HashData("a contract"u8), SHA256.HashData("another"u8)];
    private HostedSam _sam = null!;
    private Shell _shell = null!;
    private SamClient _sca = null!;
    private string _signer = null!;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        TestOfficer rita = await _sam.Officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
        _ = await _sam.Officers.Bed.AddClientAsync("my-sca");
        _shell = new Shell(_sam.Url, _sam.Officers.Bed.Clock);
        _shell.Variables["SAM_OFFICER_KEY"] = _shell.Write("rita.pem", rita.Key);
        _shell.Variables["SAM_DEVICE"] = "phone.pem";
        _sca = new SamClient(new Uri(_sam.Url + "/"));
        _signer = Json(await _shell.RunAsync(
            Rita, "signer", "register", "alice", "--login", "https://issuer.test", "alice", "--proofing", "case 7", "--common-name", "Alice Example", "--client", "my-sca", "--output", "json"))
            .GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _sca.Dispose();
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task What_is_approved_on_the_device_is_signed()
    {
        string credential = await PrepareAsync();
        Secret handle = await AskAsync(credential, "two contracts");
        Assert.Null((await CheckAsync(handle)).OrFail().SAD);

        string[] rows = (await _shell.RunAsync(Alice, "device", "list")).TrimEnd().Split('\n');
        Assert.StartsWith("APPROVAL", rows[0], StringComparison.Ordinal);
        Match row = Regex.Match(Assert.Single(rows[1..]), @"^([0-9a-f]{32}) +my-sca +2 +([A-Z2-7]{8}) +yes +\S+ \S+ +two contracts\s*$");
        Assert.True(row.Success, rows[1]);
        Assert.Equal(ShortCode, row.Groups[2].Value);

        _shell.Typed = new Queue<string>([Pin]);
        string shown = await _shell.RunAsync(Alice, "device", "approve", row.Groups[1].Value);
        Assert.Equal(["PIN"], _shell.Asked);
        Assert.Matches($@"(?m)^client +my-sca\r?\ncredentialID +{credential}\r?\ndocuments +2\r?\nit calls them +two contracts\r?\nshort code +{row.Groups[2].Value}\r?\nuntil ", shown);
        Assert.EndsWith($"Approved: {row.Groups[1].Value}", shown.TrimEnd(), StringComparison.Ordinal);

        await SignAsync(credential, (await CheckAsync(handle)).OrFail().SAD!);
        Assert.Equal((1, "sam: Nothing waits for you."), await _shell.FailAsync(Alice, "device", "approve", "--all"));
    }

    [Fact]
    public async Task All_are_approved_with_one_PIN_and_what_is_refused_is_refused()
    {
        string credential = await PrepareAsync();
        Secret refused = await AskAsync(credential, "a trap");
        string approval = Json(await _shell.RunAsync(Alice, "device", "list", "--output", "json")).GetProperty("items")[0].GetProperty("id").GetString()!;
        Assert.EndsWith($"Refused: {approval}", (await _shell.RunAsync(Alice, "device", "refuse", approval)).TrimEnd(), StringComparison.Ordinal);
        Assert.True((await CheckAsync(refused)).IsRefused(out SamRefusal? refusal));
        Assert.Equal("access_denied", refusal.Error);

        Secret[] handles = [await AskAsync(credential, "one"), await AskAsync(credential, null)];
        _shell.Write("wrong.pin", "739155");
        Assert.Equal(1, (await RunAsync("device", "approve", "--all", "--pin-file", "wrong.pin")).ExitCode);
        string all = await _shell.RunAsync(Alice, "device", "approve", "--all", "--pin-file", _shell.Write("pin", Pin));
        Assert.Equal(2, Regex.Count(all, "(?m)^Approved: "));
        foreach (Secret handle in handles)
        {
            await SignAsync(credential, (await CheckAsync(handle)).OrFail().SAD!);
        }
    }

    [Fact]
    public async Task An_answer_that_the_application_carries_is_as_good()
    {
        string credential = await PrepareAsync();
        string challenge = (await _sca.GetChallengeAsync(Client, new ChallengeRequest { CredentialID = credential }, Stop)).OrFail().Challenge;
        string shown = await _shell.RunAsync(
            Alice, "device", "answer", challenge, "--hash", Convert.ToHexString(_documents[0]), "--hash", Convert.ToBase64String(_documents[1]), "--description", "two contracts");
        string answer = Regex.Match(shown, @"(?m)^answer +(\S+)\s*$").Groups[1].Value;
        AuthorizeRequest request = Request(credential, "two contracts", new() { Id = "DEVICE-ANSWER", Value = new Secret(answer) }, new() { Id = "PIN", Value = new Secret(Pin) });
        await SignAsync(credential, (await _sca.AuthorizeAsync(Client, request, Stop)).OrFail().SAD);

        Assert.Equal((2, "sam: This is no challenge."), await _shell.FailAsync(Alice, "device", "answer", "nonsense", "--hash", Convert.ToHexString(_documents[0])));
        Assert.Equal((2, "sam: This is no hash: 00"), await _shell.FailAsync(Alice, "device", "answer", challenge, "--hash", "00"));
        _sam.Officers.Bed.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(
            (1, "sam: The challenge's time is over: the application gets another."), await _shell.FailAsync(Alice, "device", "answer", challenge, "--hash", Convert.ToHexString(_documents[0])));
    }

    /// <summary>The documentation is enough to build one.</summary>
    [Fact]
    public async Task A_device_of_curl_and_openssl_alone_as_README_prints_it()
    {
        // That device has the machine's clock.
        _sam.Officers.Bed.Clock.SetUtcNow(DateTimeOffset.UtcNow);
        string credential = await PrepareAsync();
        string session = Repository.Read("README.md").Split("<!-- device -->")[1].Split("<!-- /device -->")[0];
        string[] blocks = [.. Regex.Matches(session, "```bash\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value)];

        // Between the enrolment and the list, an application asks.
        string script = string.Join('\n', [.. blocks[..2], "echo enrolled; read -r", .. blocks[2..]]);
        ProcessStartInfo start = new("bash", ["-euo", "pipefail", "-c", script]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach ((string name, string value) in new[] { ("SAM", _sam.Url), ("TOKEN", Alice), ("CODE", await CodeAsync()), ("PIN", Pin), ("DIR", _shell.Folder) })
        {
            start.Environment[name] = value;
        }

        using Process device = Process.Start(start)!;
        Assert.Equal("enrolled", await device.StandardOutput.ReadLineAsync(Stop));
        Secret handle = await AskAsync(credential, "two contracts");
        await device.StandardInput.WriteLineAsync();
        string output = await device.StandardOutput.ReadToEndAsync(Stop);
        await device.WaitForExitAsync(Stop);
        Assert.True(device.ExitCode == 0, output);
        Assert.Contains("sam-approval/1\n", output, StringComparison.Ordinal);
        Assert.Contains("\n2\ntwo contracts\n", output, StringComparison.Ordinal);
        await SignAsync(credential, (await CheckAsync(handle)).OrFail().SAD!);
    }

    [Fact]
    public async Task A_lost_device_is_taken_away_and_another_comes()
    {
        await EnrolAsync();
        string device = Json(await _shell.RunAsync(Rita, "signer", "show", _signer, "--output", "json")).GetProperty("devices")[0].GetProperty("id").GetString()!;
        Assert.Matches($"(?m)^{device}  phone of Alice$", await _shell.RunAsync(Rita, "signer", "show", _signer));
        Assert.DoesNotContain(device, (await _shell.RunAsync(Rita, "signer", "device-removal", _signer, device, "--reason", "stolen")).Split("AT")[0], StringComparison.Ordinal);
        Assert.Equal(1, (await _shell.FailAsync(Alice, "device", "list")).ExitCode);

        // From a screen, by camera.
        string shown = await _shell.RunAsync(Rita, "signer", "code", _signer, "--qr");
        string line = Regex.Match(shown, @"(?m)^for devices +(samdevice:enrol\?sam=\S+&deployment=\S+&code=\S+)\s*$").Groups[1].Value;
        Assert.Contains('\u2588', shown);
        _shell.Write("code", Regex.Replace(line, "deployment=[^&]+", "deployment=another"));
        Assert.Equal(
            (1, "sam: This code is for another deployment than the one that answers."),
            await _shell.FailAsync(Alice, "device", "enrol", "--code-file", "code", "--device", "tablet.pem"));
        _shell.Write("code", line);
        await _shell.RunAsync(Alice, "device", "enrol", "--code-file", "code", "--device", "tablet.pem");
        Assert.StartsWith("APPROVAL", await _shell.RunAsync(Alice, "device", "list", "--device", "tablet.pem"), StringComparison.Ordinal);
    }

    /// <summary>A secret for an authenticator app is shown once, and signs with the PIN that was set before.</summary>
    [Fact]
    [Trait("Requirement", "APX-4")]
    public async Task An_authenticator_app_is_enrolled_beside_the_PIN()
    {
        _shell.Write("code", await CodeAsync());
        await _shell.RunAsync(Alice, "enrol", "--code-file", "code", "--pin-file", _shell.Write("pin", Pin));
        _shell.Write("code", await CodeAsync());
        string shown = await _shell.RunAsync(Alice, "enrol", "--code-file", "code", "--totp");
        string uri = Regex.Match(shown, @"(?m)^for your authenticator app +(otpauth://totp/SAM:alice\?secret=[A-Z2-7]{32}&\S+)\s*$").Groups[1].Value;
        Assert.Contains('\u2588', shown);
        Assert.DoesNotContain("otpauth", await _shell.RunAsync(Alice, "me"), StringComparison.Ordinal);

        string credential = await PrepareAsync("pin+totp", enrols: false);
        string password = Totp.Compute(OtpUri.SecretOf(uri), Totp.StepOf(Now));
        AuthorizeRequest request = Request(credential, "two contracts", new() { Id = "PIN", Value = new Secret(Pin) }, new() { Id = "OTP", Value = new Secret(password) });
        await SignAsync(credential, (await _sca.AuthorizeAsync(Client, request, Stop)).OrFail().SAD);
        Assert.True((await _sca.AuthorizeAsync(Client, request, Stop)).IsRefused(out _));
    }

    [Fact]
    public async Task The_first_time_a_PIN_is_asked_for_and_a_refused_device_leaves_no_file()
    {
        _shell.Write("code", "wrong");
        Assert.Equal(1, (await _shell.FailAsync(Alice, "device", "enrol", "--code-file", "code", "--device", "phone.pem")).ExitCode);
        Assert.False(File.Exists(Path.Combine(_shell.Folder, "phone.pem")));
        _shell.Write("code", await CodeAsync());
        _shell.Typed = new Queue<string>(["open sesame", "open sesame", Pin, Pin]);
        Assert.Matches("(?m)^name +sam device\r?$", await _shell.RunAsync(Alice, "device", "enrol", "--code-file", "code", "--device", "phone.pem"));
        Assert.Equal(["Passphrase for the new key (empty for none)", "The same passphrase again", "New PIN", "New PIN again"], _shell.Asked);
        Assert.Contains("BEGIN ENCRYPTED PRIVATE KEY", await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "phone.pem"), Stop), StringComparison.Ordinal);
        _shell.Typed = new Queue<string>(["open sesame"]);
        await _shell.RunAsync(Alice, "device", "list");

        Assert.Equal((1, $"sam: {Path.Combine(_shell.Folder, "rita.pem")} holds a key, and does not say of which device."), await _shell.FailAsync(Alice, "device", "list", "--device", "rita.pem"));
    }

    [Theory]
    [InlineData("sam: Either APPROVAL or --all is wanted. See: sam device approve --help", "device", "approve")]
    [InlineData("sam: Either APPROVAL or --all is wanted. See: sam device approve --help", "device", "approve", "00000000000000000000000000000000", "--all")]
    [InlineData("sam: This is no APPROVAL: 1 See: sam device refuse --help", "device", "refuse", "1")]
    public async Task A_wrong_command_line_is_one_line_and_2(string said, params string[] arguments) => Assert.Equal((2, said), await _shell.FailAsync(Alice, arguments));

    private static Secret Client { get; } = new("my-sca");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _sam.Officers.Bed.Clock.GetUtcNow();

    private async Task<(int ExitCode, string Out, string Error)> RunAsync(params IReadOnlyList<string> arguments)
    {
        _shell.Variables["SAM_TOKEN"] = Alice;
        return await _shell.TryAsync(arguments);
    }

    private async Task<string> CodeAsync() => Json(await _shell.RunAsync(Rita, "signer", "code", _signer, "--output", "json")).GetProperty("code").GetString()!;

    private async Task EnrolAsync()
    {
        _shell.Write("code", await CodeAsync());
        await _shell.RunAsync(Alice, "device", "enrol", "--code-file", "code", "--name", "phone of Alice", "--pin-file", _shell.Write("pin", Pin), "--device", "phone.pem");
    }

    /// <summary>Alice's phone, and a key of level 2.</summary>
    private async Task<string> PrepareAsync(string factors = "device+pin", bool enrols = true)
    {
        if (enrols)
        {
            await EnrolAsync();
        }

        JsonElement made = Json(await _shell.RunAsync(Rita, "credential", "create", _signer, "p256", "--multisign", "10", "--level", "2", "--authorization", factors, "--output", "json"));
        Assert.Equal((2, factors), (made.GetProperty("level").GetInt32(), made.GetProperty("authorization").GetString()));
        string credential = made.GetProperty("credentialID").GetString()!;
        await _shell.RunAsync(Rita, "request", credential, "--out", "alice.csr");
        using TestAuthority authority = TestAuthority.Root(Now.AddYears(-1));
        CertificateRequest request = CertificateRequest.LoadSigningRequestPem(await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "alice.csr"), Stop), HashAlgorithmName.SHA256);
        byte[] certificate = authority.Issue(new CertificateWish(request.PublicKey.ExportSubjectPublicKeyInfo(), request.SubjectName, Now.AddDays(-1), Now.AddYears(1)));
        _shell.Write("alice.pem", PemEncoding.WriteString("CERTIFICATE", certificate) + "\n" + authority.CertificatePem);
        await _shell.RunAsync(Rita, "certificate", credential, "alice.pem");
        Assert.Matches($@"(?m)^level +2\r?\nauthorized by +{Regex.Escape(factors)}\r?$", await _shell.RunAsync(Alice, "confirm", credential, "--pin-file", "pin"));
        return credential;
    }

    private static AuthorizeRequest Request(string credential, string? label, params IReadOnlyList<AuthenticationObject> factors) => new()
    {
        CredentialID = credential,
        NumSignatures = _documents.Length,
        Hashes = _documents,
        HashAlgorithmOID = Core.Algorithms.HashAlgorithm.Sha256.Oid,
        AuthData = factors,
        Description = label,
    };

    private async Task<Secret> AskAsync(string credential, string? label) => (await _sca.AskAsync(Client, Request(credential, label, new AuthenticationObject { Id = "DEVICE" }), Stop)).OrFail().Handle;

    private Task<SamReply<CheckAnswer>> CheckAsync(Secret handle) => _sca.AuthorizeCheckAsync(Client, handle, Stop);

    private async Task SignAsync(string credential, Secret sad)
    {
        SignHashAnswer signed = (await _sca.SignHashAsync(
            Client,
            new SignHashRequest { CredentialID = credential, SAD = sad, Hashes = _documents, HashAlgorithmOID = Core.Algorithms.HashAlgorithm.Sha256.Oid, SignAlgo = SignatureAlgorithm.EcdsaSha256.Oid },
            Stop)).OrFail();
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path.Combine(_shell.Folder, "alice.pem"), Stop));
        using ECDsa key = certificate.GetECDsaPublicKey()!;
        Assert.All(_documents.Zip(signed.Signatures), pair => Assert.True(key.VerifyHash(pair.First, pair.Second, DSASignatureFormat.Rfc3279DerSequence)));
    }

    private static JsonElement Json(string output) => JsonElement.Parse(output);
}
