using System.Security.Cryptography;
using Sam.Cli;
using Sam.Cli.Commands;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>Several runs of the command line, one after the other, in one folder: as somebody types them.</summary>
internal sealed class Shell(string url, TimeProvider clock) : IDisposable
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("sam-shell-").FullName;

    /// <summary>The environment.</summary>
    internal Dictionary<string, string?> Variables { get; } = new(StringComparer.Ordinal) { ["SAM_URL"] = url };

    /// <summary>What standard input holds.</summary>
    internal string Input { get; set; } = string.Empty;

    /// <summary>What is typed where a secret is asked for; null where there is no terminal.</summary>
    internal Queue<string>? Typed { get; set; }

    /// <summary>What was asked for.</summary>
    internal List<string> Asked { get; } = [];

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal string Write(string name, string content)
    {
        File.WriteAllText(Path.Combine(Folder, name), content);
        return name;
    }

    internal async Task<(int ExitCode, string Out, string Error)> TryAsync(params IReadOnlyList<string> arguments)
    {
        using StringReader input = new(Input);
        using StringWriter output = new();
        using StringWriter error = new();
        CliHost host = new(input, output, error, name => Variables.GetValueOrDefault(name), Folder, Colour: false, clock)
        {
            AskSecret = Typed is null ? null : Answer,
        };
        int exitCode = await SamCommandLine.RunAsync(arguments, host, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A run that succeeds, with a token; gives what it printed.</summary>
    internal async Task<string> RunAsync(string token, params IReadOnlyList<string> arguments)
    {
        Variables["SAM_TOKEN"] = token;
        (int exitCode, string output, string error) = await TryAsync(arguments);
        Assert.True(exitCode == 0 && error.Length == 0, $"sam {string.Join(' ', arguments)}: {exitCode} {error}");
        return output;
    }

    /// <summary>A run that fails, with a token; gives the exit code and the one line.</summary>
    internal async Task<(int ExitCode, string Error)> FailAsync(string token, params IReadOnlyList<string> arguments)
    {
        Variables["SAM_TOKEN"] = token;
        (int exitCode, string output, string error) = await TryAsync(arguments);
        Assert.Empty(output);
        Assert.Single(error.TrimEnd().Split('\n'));
        return (exitCode, error.TrimEnd());
    }

    /// <summary>An officer's key as a file.</summary>
    internal string Write(string name, ECDsa key, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Write(name, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(Folder, name), mode);
        }

        return name;
    }

    private string Answer(string prompt)
    {
        Asked.Add(prompt);
        return Typed!.Dequeue();
    }
}
