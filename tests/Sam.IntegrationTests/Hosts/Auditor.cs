using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Sam.Cli;
using Sam.Cli.Commands;
using Sam.Cli.Http;
using Sam.Testing.Tables;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>An auditor of a real deployment: a privileged user with a key of their own, a folder, and the commands of <c>sam</c>.</summary>
internal sealed partial class Auditor(AzuriteFixture azurite) : IDisposable
{
    private const string Name = "ada";

    /// <summary>Where the commands are run.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("functionssam-auditor-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>By the development officers of the host, with the commands of every deployment.</summary>
    internal async Task EnrolAsync(LocalHostProcess host)
    {
        _ = await host.OpenOfficeAsync();
        using SamClient sam = new(host.Http.BaseAddress!);
        DevelopmentOfficersAnswer officers = (await sam.DevelopmentOfficersAsync(TestContext.Current.CancellationToken)).OrFail();
        DevelopmentOfficerAnswer[] two = [.. officers.Officers.Where(o => o.Role == "security-officer").Take(2)];
        foreach (DevelopmentOfficerAnswer officer in two)
        {
            string path = Path.Combine(Folder, $"{officer.Subject}.pem");
            await File.WriteAllTextAsync(path, PemEncoding.WriteString("PRIVATE KEY", Convert.FromBase64String(officer.Key.Reveal())), TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }

        string proposed = await DoAsync(host, two[0].Subject, ["propose", "add-officer", "Ada", "--role", "auditor", "--login", officers.Issuer, Name, "--key", $"{two[0].Subject}.pem"]);
        string approved = await DoAsync(host, two[1].Subject, ["proposal", "approve", Field(proposed, "proposal"), "--change", Field(proposed, "digest"), "--key", $"{two[1].Subject}.pem"]);
        await File.WriteAllTextAsync(Path.Combine(Folder, "code"), Field(approved, "code"), TestContext.Current.CancellationToken);
        _ = await DoAsync(host, Name, ["officer", "enrol", "--code-file", "code", "--key", "key.pem"]);
    }

    /// <summary>What a command of the auditor's prints; fails with what it says instead.</summary>
    internal Task<string> DoAsync(LocalHostProcess host, params string[] arguments) => DoAsync(host, Name, arguments);

    /// <summary>Runs a command of the auditor's, by their key where it asks for one.</summary>
    internal Task<(int ExitCode, string Output, string Error)> RunAsync(LocalHostProcess host, params string[] arguments) => RunAsync(host, Name, arguments);

    /// <summary>What a command printed under a name.</summary>
    internal static string Field(string output, string name) => FieldPattern().Matches(output).Single(m => m.Groups[1].Value == name).Groups[2].Value;

    private async Task<string> DoAsync(LocalHostProcess host, string user, string[] arguments)
    {
        (int exitCode, string output, string error) = await RunAsync(host, user, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException(error);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(LocalHostProcess host, string user, string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Dictionary<string, string?> variables = new(StringComparer.Ordinal)
        {
            ["SAM_URL"] = host.Http.BaseAddress!.ToString(),
            ["SAM_TOKEN"] = await host.GetTokenAsync("console", user),
            ["SAM_AUDIT_TABLES"] = azurite.ConnectionString,
            ["SAM_OFFICER_KEY"] = "key.pem",
        };
        CliHost shell = new(TextReader.Null, output, error, variables.GetValueOrDefault, Folder, Colour: false, TimeProvider.System);
        int exitCode = await SamCommandLine.RunAsync(arguments, shell, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }

    [GeneratedRegex("(?m)^([A-Za-z', ]+?)  +(.*)$")]
    private static partial Regex FieldPattern();
}
