using Sam.Cli;
using Sam.Cli.Commands;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>One run of the command line in this process, in a folder of its own.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly Dictionary<string, string?> _variables = new(StringComparer.Ordinal) { ["PATH"] = Environment.GetEnvironmentVariable("PATH") };

    internal CliRun(string? samUrl = null) => _variables["SAM_URL"] = samUrl;

    /// <summary>On the machine of this SAM: they have one clock.</summary>
    internal CliRun(StandInSam sam)
        : this(sam.Url) => Clock = sam.Clock;

    internal string Folder { get; } = Directory.CreateTempSubdirectory("sam-cli-").FullName;

    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    internal string Input { get; init; } = string.Empty;

    internal string Out => _out.ToString();

    internal string Error => _error.ToString();

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        _out.Dispose();
        _error.Dispose();
    }

    internal CliRun With(string variable, string? value)
    {
        _variables[variable] = value;
        return this;
    }

    internal string Write(string name, string content)
    {
        File.WriteAllText(Path.Combine(Folder, name), content);
        return name;
    }

    internal async Task<int> RunAsync(params string[] arguments)
    {
        using var input = new StringReader(Input);
        var host = new CliHost(input, _out, _error, name => _variables.GetValueOrDefault(name), Folder, Colour: false, Clock);
        return await SamCommandLine.RunAsync(arguments, host, TestContext.Current.CancellationToken);
    }
}
