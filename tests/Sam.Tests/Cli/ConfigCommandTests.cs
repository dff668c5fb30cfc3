using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>Two security officers change the settings by command line.</summary>
[Trait("Requirement", "SYS-3")]
public sealed class ConfigCommandTests : IAsyncLifetime
{
    private const string Olga = "console:olga";
    private const string Otto = "console:otto";

    private HostedSam _sam = null!;
    private Shell _shell = null!;

    public async ValueTask InitializeAsync()
    {
        _sam = await HostedSam.StartAsync();
        _shell = new Shell(_sam.Url, _sam.Officers.Bed.Clock);
        _shell.Write("olga.pem", _sam.Officers.Three[0].Key);
        _shell.Write("otto.pem", _sam.Officers.Three[1].Key);
    }

    public async ValueTask DisposeAsync()
    {
        _shell.Dispose();
        await _sam.DisposeAsync();
    }

    [Fact]
    public async Task Settings_are_shown_compared_proposed_and_approved()
    {
        string shown = await _shell.RunAsync(Olga, "config", "show", "--key", "olga.pem");
        Assert.Matches(@"(?m)^running +([0-9a-f]{64})\r?\n.*\r?\napproved +\1\r?$", shown);
        Assert.Matches(@"(?m)^Pin:MaxAttempts +5\r?$", shown);
        Assert.Empty(await _shell.RunAsync(Olga, "config", "diff", "--key", "olga.pem"));

        string answer = await _shell.RunAsync(Olga, "config", "show", "--output", "json", "--key", "olga.pem");
        _shell.Write("wanted.json", JsonElement.Parse(answer).GetProperty("running").GetProperty("settings").GetRawText()
            .Replace("{\"name\":\"Pin:MaxAttempts\",\"value\":\"5\"}", "{\"name\":\"Pin:MaxAttempts\",\"value\":\"3\"}", StringComparison.Ordinal));
        Assert.Equal(
            "- Pin:MaxAttempts = 5\n+ Pin:MaxAttempts = 3\n",
            (await _shell.RunAsync(Olga, "config", "diff", "--file", "wanted.json", "--key", "olga.pem")).ReplaceLineEndings("\n"));

        string proposed = await _shell.RunAsync(Olga, "config", "propose", "--file", "wanted.json", "--at-once", "--key", "olga.pem");
        string proposal = Regex.Match(proposed, @"(?m)^proposal +(\S+)").Groups[1].Value;
        string digest = Regex.Match(proposed, @"(?m)^digest +(\S+)").Groups[1].Value;
        await _shell.RunAsync(Otto, "config", "approve", proposal, "--change", digest, "--key", "otto.pem");

        Assert.Equal(
            "- Pin:MaxAttempts = 3\n+ Pin:MaxAttempts = 5\n", (await _shell.RunAsync(Olga, "config", "diff", "--key", "olga.pem")).ReplaceLineEndings("\n"));
        string history = await _shell.RunAsync(Olga, "config", "history", "--key", "olga.pem");
        Assert.Matches($@"(?m)^1 .*\(initialisation\)", history);
        Assert.Matches($@"(?m)^2 .*{_sam.Officers.Three[0].Id} +{_sam.Officers.Three[1].Id} +{proposal} +[0-9a-f]{{64}}\r?$", history);
    }

    [Fact]
    public async Task What_is_no_file_of_settings_is_said()
    {
        _shell.Write("none.json", "[]");
        Assert.Equal((2, "sam: There are no settings in none.json."), await _shell.FailAsync(Olga, "config", "propose", "--file", "none.json", "--key", "olga.pem"));
        _shell.Write("wrong.json", "{");
        Assert.StartsWith("sam: wrong.json is no file of settings:", (await _shell.FailAsync(Olga, "config", "diff", "--file", "wrong.json", "--key", "olga.pem")).Error, StringComparison.Ordinal);
        _shell.Write("twice.json", """[{"name":"a","value":"1"},{"name":"a","value":"2"}]""");
        Assert.Equal(1, (await _shell.FailAsync(Olga, "config", "propose", "--file", "twice.json", "--key", "olga.pem")).ExitCode);
    }
}
