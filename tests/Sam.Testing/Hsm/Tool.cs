using System.ComponentModel;
using System.Diagnostics;

namespace Sam.Testing.Hsm;

/// <summary>Runs a program to its end.</summary>
public static class Tool
{
    /// <summary>What the program wrote to its output.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or ended with another code than 0; the message has what it wrote.</exception>
    public static async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? await output
                : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await errors}");
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"{program} is needed by the tests and not installed (./dev test installs it).", missing);
        }
    }
}
