using System.Diagnostics;
using System.Text.RegularExpressions;
using Sam.Cli;
using Sam.Cli.Commands;
using Sam.Testing.Csc;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>The demo against the real host, and what its folder proves to somebody who has nothing else.</summary>
public sealed class DemoTests : IClassFixture<LocalHostFixture>
{
    private readonly LocalHostProcess _host;

    public DemoTests(LocalHostFixture fixture) => _host = fixture.Host;

    [Fact]
    public async Task The_demos_folder_verifies_and_with_one_byte_changed_it_does_not()
    {
        string folder = Directory.CreateTempSubdirectory("functionssam-demo-").FullName;
        string document = Path.Combine(folder, "contract.txt");
        await File.WriteAllTextAsync(document, "We agree.\n", TestContext.Current.CancellationToken);
        (int exitCode, string output) = await RunAsync(folder, "demo", "contract.txt", "--out", "out");
        Assert.True(exitCode == 0, output);

        string results = Path.Combine(folder, "out");
        (exitCode, output) = await VerifyAsync(results);
        Assert.Equal((0, 2), (exitCode, Regex.Count(output, "^Verified OK$", RegexOptions.Multiline)));

        await File.WriteAllTextAsync(Path.Combine(results, "contract.txt"), "We agred.\n", TestContext.Current.CancellationToken);
        (exitCode, output) = await VerifyAsync(results);
        Assert.Equal((1, 0, 2), (exitCode, Regex.Count(output, "Verified OK"), Regex.Count(output, "Verification failure", RegexOptions.IgnoreCase)));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("rsa3072")]
    [InlineData("p256")]
    public async Task Sam_dev_signer_prints_a_credential_that_any_client_may_use(string key)
    {
        string pin = SecretLedger.Note("PIN", $"{Guid.NewGuid():n}");
        (int exitCode, string output) = await RunAsync(Path.GetTempPath(), "dev", "signer", $"alice-{Guid.NewGuid():n}", "--pin", pin, "--key", key);
        Assert.Equal(0, exitCode);
        CscClient client = await _host.ConnectAsync();
        Assert.Equal("enabled", (await client.PostAsync("credentials/info", new { credentialID = output.TrimEnd() })).Success().GetProperty("key").GetProperty("status").GetString());
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string folder, params string[] arguments)
    {
        using StringWriter output = new();
        Dictionary<string, string?> variables = new(StringComparer.Ordinal)
        {
            ["SAM_URL"] = _host.Http.BaseAddress!.ToString(),
            ["PATH"] = Environment.GetEnvironmentVariable("PATH"),
        };
        CliHost host = new(TextReader.Null, output, output, variables.GetValueOrDefault, folder, Colour: false, TimeProvider.System);
        int exitCode = await SamCommandLine.RunAsync(arguments, host, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString());
    }

    /// <summary>In an environment of its own, from another folder: from the files in the folder and nothing else.</summary>
    private static async Task<(int ExitCode, string Output)> VerifyAsync(string folder)
    {
        ProcessStartInfo start = new("/bin/sh", [Path.Combine(folder, "verify.sh")]) { RedirectStandardOutput = true, WorkingDirectory = "/" };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }
}
