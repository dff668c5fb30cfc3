using System.Text.Json;
using Sam.Cli;
using Sam.Cli.Admin;
using Sam.Core.Officers;
using Sam.Testing.Officers;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>Each command of the Admin API against the real API.</summary>
public sealed class AdminCommandTests : IAsyncLifetime
{
    private const string Rita = "console:rita";
    private const string Olga = "console:olga";
    private const string Otto = "console:otto";
    private HostedSam _sam = null!;
    private string _rita = null!;
    private Shell _shell = null!;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        TestOfficer rita = await _sam.Officers.AddAsync("rita", PrivilegedRole.RegistrationOfficer);
        _rita = rita.Id;
        _shell = new Shell(_sam.Url, _sam.Officers.Bed.Clock);
        _shell.Write("rita.pem", rita.Key);
        _shell.Write("olga.pem", _sam.Officers.Three[0].Key);
        _shell.Write("otto.pem", _sam.Officers.Three[1].Key);
        _shell.Variables["SAM_OFFICER_KEY"] = "rita.pem";
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task Officers_are_changed_by_two()
    {
        await ChangeAsync("change-officer", _rita, "--name", "Rita R.", "--disabled", "true");
        Assert.Equal((1, "sam: OfficerDisabled: This privileged user may do nothing for now"), await _shell.FailAsync(Rita, "signer", "list"));
        Assert.Matches($"(?m)^{_rita}  Rita R\\.  registration-officer  yes +yes +rita +https://issuer.test$", await _shell.RunAsync(Olga, "officer", "list", "--key", "olga.pem"));
        await ChangeAsync("change-officer", _rita, "--disabled", "false", "--role", "auditor");
        Assert.Equal((1, "sam: RightMissing: The role of this privileged user does not allow this"), await _shell.FailAsync(Rita, "signer", "code", Hex(32)));
        Assert.Contains("\ncode ", await ChangeAsync("renew-officer-key", _rita), StringComparison.Ordinal);
        Assert.Equal((1, "sam: OfficerNotEnrolled: This privileged user has not enrolled a key yet"), await _shell.FailAsync(Rita, "signer", "list"));
        await ChangeAsync("remove-officer", _rita);
        Assert.Equal((1, "sam: OfficerUnknown: This login is no privileged user"), await _shell.FailAsync(Rita, "signer", "list"));
    }

    [Fact]
    public async Task Proposals_are_seen_withdrawn_and_approved_as_they_were_seen()
    {
        JsonElement proposal = JsonElement.Parse(await _shell.RunAsync(Olga, "propose", "approve-client", "new-sca", "--key", "olga.pem", "--output", "json"));
        string id = proposal.GetProperty("id").GetString()!;
        string digest = proposal.GetProperty("changeDigest").GetString()!;
        Assert.Contains("""change       {"kind":"approve-client","client":"new-sca"}""", await _shell.RunAsync(Otto, "proposal", "show", id, "--key", "otto.pem"), StringComparison.Ordinal);
        Assert.Equal((1, "sam: ProposalOwn: Nobody approves their own proposal"), await _shell.FailAsync(Olga, "proposal", "approve", id, "--key", "olga.pem", "--change", digest));
        Assert.Equal(
            (1, "sam: ProposalChanged: What is approved is not what was proposed"),
            await _shell.FailAsync(Otto, "proposal", "approve", id, "--key", "otto.pem", "--change", digest.Replace(digest[0], digest[0] == 'a' ? 'b' : 'a')));
        await _shell.RunAsync(Otto, "proposal", "approve", id, "--key", "otto.pem", "--change", digest);
        Assert.Matches("(?m)^new-sca +yes$", await _shell.RunAsync(Rita, "client", "list"));
        await _shell.RunAsync(Otto, "client", "stop", "new-sca", "--key", "otto.pem");
        Assert.Matches("(?m)^new-sca +no$", await _shell.RunAsync(Rita, "client", "list"));

        string other = JsonElement.Parse(await _shell.RunAsync(Olga, "propose", "approve-client", "other", "--key", "olga.pem", "--output", "json")).GetProperty("id").GetString()!;
        Assert.Matches("(?m)^status +withdrawn$", await _shell.RunAsync(Otto, "proposal", "withdraw", other, "--key", "otto.pem"));
    }

    [Fact]
    public async Task Nobody_approves_what_they_were_not_shown()
    {
        string id = JsonElement.Parse(await _shell.RunAsync(Olga, "propose", "approve-client", "new-sca", "--key", "olga.pem", "--output", "json")).GetProperty("id").GetString()!;
        (int code, string error) = await _shell.FailAsync(Otto, "proposal", "approve", id, "--key", "otto.pem");
        Assert.Equal(2, code);
        Assert.StartsWith("sam: --change DIGEST is wanted", error, StringComparison.Ordinal);

        _shell.Typed = new Queue<string>(["no", "yes"]);
        Assert.Contains("""{"kind":"approve-client","client":"new-sca"}""", (await _shell.TryAsync("proposal", "approve", id, "--key", "otto.pem")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("new-sca", await _shell.RunAsync(Rita, "client", "list"), StringComparison.Ordinal);
        _shell.Variables["SAM_TOKEN"] = Otto;
        Assert.Equal(0, (await _shell.TryAsync("proposal", "approve", id, "--key", "otto.pem")).ExitCode);
        Assert.Matches("(?m)^new-sca +yes$", await _shell.RunAsync(Rita, "client", "list"));

        // A front end that shows one change with the digest of another.
        ProposalRecord shown = new(id, "open", """{"kind":"approve-client","client":"harmless"}"""u8.ToArray(), new string('0', 64), "x", default, default);
        Assert.Contains("neither shown nor approved", Assert.Throws<CommandFailure>(shown.ToShownChange).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_has_all_its_pages()
    {
        const int More = 201;
        for (int i = 0; i < More; i++)
        {
            _ = (await _sam.Officers.Three[0].ProposeAsync(_sam.Officers.Sam, new OfficerChange.ApproveClient($"sca-{i}"))).Value;
        }

        // One of them made rita an officer.
        Assert.Equal(More + 1, JsonElement.Parse(await _shell.RunAsync(Rita, "proposal", "list", "--output", "json")).GetProperty("items").GetArrayLength());
        Assert.Equal(More + 2, (await _shell.RunAsync(Rita, "proposal", "list")).TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task A_signer_lives()
    {
        string signer = await RegisterAsync();
        Assert.Matches($"(?m)^{signer}  alice +registered +Alice Example +alice +https://issuer.test$", await _shell.RunAsync(Rita, "signer", "list"));
        Assert.Matches("(?m)^clients +other sca$", await _shell.RunAsync(Rita, "signer", "clients", signer, "other", "sca"));
        await EnrolAsync(signer);
        Assert.Matches("(?m)^status +suspended$", await _shell.RunAsync(Rita, "signer", "suspend", signer, "--reason", "asked for by phone"));
        Assert.Matches("(?m)^status +active$", await _shell.RunAsync(Rita, "signer", "resume", signer, "--reason", "it was a joke"));
        Assert.Matches("(?m)^status +active$", await _shell.RunAsync(Rita, "signer", "unlock", signer, "--reason", "forgot it"));
        Assert.Matches("(?m)^status +closed$", await _shell.RunAsync(Rita, "signer", "close", signer, "--reason", "left"));
        Assert.Matches($"(?m)^[-0-9]+ [:0-9]+Z  Suspend +registration-officer:{_rita}  asked for by phone$", await _shell.RunAsync(Rita, "signer", "show", signer));
        Assert.Equal((1, "sam: SignerStateWrong: The signer is in no state in which this can be done"), await _shell.FailAsync(Rita, "signer", "resume", signer, "--reason", "x"));
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_is_not_changed_by_who_names_the_version()
    {
        string signer = await RegisterAsync();
        Assert.Equal((1, "sam: VersionOutdated: It has changed since it was read"), await _shell.FailAsync(Rita, "signer", "suspend", signer, "--reason", "x", "--if-match", "\"00\""));
        Assert.Equal((1, "sam: VersionOutdated: It has changed since it was read"), await _shell.FailAsync(Rita, "signer", "suspend", signer, "--reason", "x", "--if-match", "00"));
        Assert.Equal(2, (await _shell.FailAsync(Rita, "signer", "suspend", signer, "--reason", "x", "--if-match", "*")).ExitCode);
    }

    [Fact]
    public async Task What_is_asked_for_again_under_its_key_is_made_once()
    {
        string signer = await RegisterAsync();
        await EnrolAsync(signer);
        string[] command = ["credential", "create", signer, "p256", "--idempotency-key", "alice's first", "--output", "json"];
        string made = JsonElement.Parse(await _shell.RunAsync(Rita, command)).GetProperty("credentialID").GetString()!;
        Assert.Equal(made, JsonElement.Parse(await _shell.RunAsync(Rita, command)).GetProperty("credentialID").GetString());
        Assert.Equal((1, "sam: IdempotencyKeyReused: The idempotency key was used for another request"), await _shell.FailAsync(Rita, "credential", "create", signer, "p384", "--idempotency-key", "alice's first"));
        Assert.Single(JsonElement.Parse(await _shell.RunAsync(Rita, "credential", "list", signer, "--output", "json")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_key_is_stopped_by_an_officer()
    {
        string signer = await RegisterAsync();
        await EnrolAsync(signer);
        string key = await CreateAsync(signer);
        Assert.Matches("(?m)^description +contracts$", await _shell.RunAsync(Rita, "credential", "show", key));
        Assert.Matches($"(?m)^{key} +awaitingCertificate +p256 +contracts$", await _shell.RunAsync(Rita, "credential", "list", signer));
        Assert.Matches("(?m)^status +suspended$", await _shell.RunAsync(Rita, "credential", "suspend", key, "--reason", "not found"));
        Assert.Matches("(?m)^status +awaitingCertificate$", await _shell.RunAsync(Rita, "credential", "resume", key, "--reason", "found"));
        Assert.Matches("(?m)^status +revoked$", await _shell.RunAsync(Rita, "credential", "revoke", key, "--reason", "lost"));
        Assert.Matches("(?m)^key destroyed +yes$", await _shell.RunAsync(Rita, "credential", "destroy", key, "--reason", "lost"));
        Assert.Equal(1, (await _shell.FailAsync(Rita, "credential", "resume", key, "--reason", "x")).ExitCode);
    }

    [Fact]
    [Trait("Requirement", "STP-1")]
    public async Task A_key_is_stopped_by_its_signer()
    {
        string signer = await RegisterAsync();
        await EnrolAsync(signer);
        string key = await CreateAsync(signer);
        Assert.Contains(key, await _shell.RunAsync("portal:alice", "me"), StringComparison.Ordinal);
        _shell.Input = "wrong";
        Assert.Equal((1, "sam: PinWrong: The PIN is wrong"), await _shell.FailAsync("portal:alice", "stop", key, "destroy", "--reason", "I leave", "--pin-file", "-"));
        _shell.Typed = new Queue<string>(["739154"]);
        Assert.Matches("(?m)^status +destroyed$", await _shell.RunAsync("portal:alice", "stop", key, "destroy", "--reason", "I leave"));
        Assert.Equal(["PIN"], _shell.Asked);
    }

    private async Task<string> ChangeAsync(params IReadOnlyList<string> change)
    {
        JsonElement proposal = JsonElement.Parse(await _shell.RunAsync(Olga, ["propose", .. change, "--key", "olga.pem", "--output", "json"]));
        return await _shell.RunAsync(
            Otto, "proposal", "approve", proposal.GetProperty("id").GetString()!, "--key", "otto.pem", "--change", proposal.GetProperty("changeDigest").GetString()!);
    }

    private async Task<string> RegisterAsync() => JsonElement.Parse(await _shell.RunAsync(
        Rita, "signer", "register", "alice", "--login", "https://issuer.test", "alice", "--proofing", "case 7", "--common-name", "Alice Example", "--client", "sca", "--output", "json"))
        .GetProperty("id").GetString()!;

    private async Task EnrolAsync(string signer)
    {
        _shell.Input = JsonElement.Parse(await _shell.RunAsync(Rita, "signer", "code", signer, "--output", "json")).GetProperty("code").GetString() + "\n739154\n";
        await _shell.RunAsync("portal:alice", "enrol", "--code-file", "-", "--pin-file", "-");
    }

    private async Task<string> CreateAsync(string signer) => JsonElement.Parse(await _shell.RunAsync(
        Rita, "credential", "create", signer, "p256", "--description", "contracts", "--multisign", "3", "--output", "json")).GetProperty("credentialID").GetString()!;

    private static string Hex(int digits) => new('0', digits);
}
