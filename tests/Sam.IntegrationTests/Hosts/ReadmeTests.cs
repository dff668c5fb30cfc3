using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Xunit;

namespace Sam.IntegrationTests.Hosts;

/// <summary>README's sessions, as they are printed: <c>./dev up</c> and all. Each gets a port and a state folder of its own, so that a SAM that is up stays as it is.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_curl_session_works_as_printed()
    {
        string output = await RunAsync("curl-session");
        Assert.Contains("Verified OK", output, StringComparison.Ordinal);
        Assert.Contains("""{"error":"invalid_request","error_description":"Invalid parameter SAD"}""", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ceremony_works_as_printed()
    {
        string output = await RunAsync("ceremony");
        Assert.Matches("(?m)^commonName +Alice Example +Alice Example$", output);
        Assert.Contains("Verified OK", output, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string name)
    {
        string root = FindRoot();
        string readme = await File.ReadAllTextAsync(Path.Combine(root, "README.md"), TestContext.Current.CancellationToken);
        string session = readme.Split($"<!-- {name} -->")[1].Split($"<!-- /{name} -->")[0];
        string[] blocks = [.. Block().Matches(session).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(blocks);

        string state = Directory.CreateTempSubdirectory("functionssam-readme-").FullName;
        ProcessStartInfo start = new("bash", ["-euo", "pipefail", "-c", "trap './dev down' EXIT\n" + string.Join('\n', blocks)])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = root,
        };
        start.Environment["XDG_STATE_HOME"] = state;
        start.Environment["SAM_URL"] = $"http://127.0.0.1:{FreePort()}";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Directory.Delete(state, recursive: true);
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FunctionsSam.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
