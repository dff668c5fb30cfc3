using System.Security.Cryptography;
using Sam.Core.Officers;
using Sam.Testing.Officers;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>What becomes of an officer's own key on their own machine.</summary>
public sealed class OfficerKeyTests : IAsyncLifetime
{
    private const string Rita = "console:rita";
    private HostedSam _sam = null!;
    private Shell _shell = null!;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        ApprovedProposal approved = await _sam.Officers.ChangeAsync(new OfficerChange.AddOfficer("rita", PrivilegedRole.RegistrationOfficer.ToName(), "https://issuer.test", "rita"));
        _shell = new Shell(_sam.Url, _sam.Officers.Bed.Clock);
        _shell.Write("code", approved.Code!.Code.Reveal());
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_for_its_owners_eyes_and_never_written_over()
    {
        await _shell.RunAsync(Rita, "officer", "enrol", "--code-file", "code", "--key", "rita.pem");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOf("rita.pem")));
        }

        string before = Read("rita.pem");
        Assert.Equal(1, (await _shell.FailAsync(Rita, "officer", "enrol", "--code-file", "code", "--key", "rita.pem")).ExitCode);
        Assert.Equal(before, Read("rita.pem"));
        await _shell.RunAsync(Rita, "signer", "list", "--key", "rita.pem");
    }

    [Fact]
    public async Task A_key_that_was_refused_does_not_stay()
    {
        Assert.Equal(
            (1, "sam: EnrolmentCodeInvalid: The enrolment code is wrong, used, or over"),
            await _shell.FailAsync(Rita, "officer", "enrol", "--code-file", _shell.Write("wrong", "x"), "--key", "rita.pem"));
        Assert.False(File.Exists(PathOf("rita.pem")));
    }

    [Fact]
    public async Task A_key_under_a_passphrase_is_of_no_use_without_it()
    {
        _shell.Typed = new Queue<string>(["open sesame", "open sesame", "open sesame", "open barley"]);
        await _shell.RunAsync(Rita, "officer", "enrol", "--code-file", "code", "--key", "rita.pem");
        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", Read("rita.pem"), StringComparison.Ordinal);
        await _shell.RunAsync(Rita, "signer", "list", "--key", "rita.pem");
        Assert.Equal((1, $"sam: The key in {PathOf("rita.pem")} cannot be read, or its passphrase is another."), await _shell.FailAsync(Rita, "signer", "list", "--key", "rita.pem"));
        Assert.Equal(
            ["Passphrase for the new key (empty for none)", "The same passphrase again", "Passphrase of rita.pem", "Passphrase of rita.pem"], _shell.Asked);

        _shell.Typed = null;
        Assert.Equal(
            (2, "sam: The key needs its passphrase, and there is no terminal to ask at. Set SAM_KEY_PASSPHRASE."), await _shell.FailAsync(Rita, "signer", "list", "--key", "rita.pem"));
        _shell.Variables["SAM_KEY_PASSPHRASE"] = "open sesame";
        await _shell.RunAsync(Rita, "signer", "list", "--key", "rita.pem");
    }

    [Fact]
    public async Task A_slip_in_a_new_passphrase_makes_no_key()
    {
        _shell.Typed = new Queue<string>(["one", "two"]);
        Assert.Equal((2, "sam: You typed two different passphrases."), await _shell.FailAsync(Rita, "officer", "enrol", "--code-file", "code", "--key", "rita.pem"));
        Assert.False(File.Exists(PathOf("rita.pem")));
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_not_used()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _shell.Write("open.pem", key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        (int exitCode, string error) = await _shell.FailAsync(Rita, "signer", "list", "--key", "open.pem");
        Assert.Equal(1, exitCode);
        Assert.Contains("chmod 600", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_key_or_none_proves_nothing()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        TestOfficer olga = _sam.Officers.Three[0];
        _shell.Write("olga.pem", olga.Key);
        await _shell.RunAsync("console:olga", "officer", "list", "--key", "olga.pem");
        Assert.Equal(
            (1, "sam: ProofInvalid: The proof does not verify for this request"), await _shell.FailAsync("console:olga", "officer", "list", "--key", _shell.Write("other.pem", key)));
        Assert.Equal(1, (await _shell.FailAsync("console:olga", "officer", "list", "--key", _shell.Write("p384.pem", curve))).ExitCode);
        Assert.Equal((2, "sam: Your key as a privileged user is wanted: --key FILE, or SAM_OFFICER_KEY."), await _shell.FailAsync("console:olga", "officer", "list"));
        Assert.Equal(1, (await _shell.FailAsync("console:olga", "officer", "list", "--key", "missing.pem")).ExitCode);
    }

    private string PathOf(string name) => Path.Combine(_shell.Folder, name);

    private string Read(string name) => File.ReadAllText(PathOf(name));
}
