using System.Diagnostics;

namespace Sam.Tests.Certificates;

/// <summary>An opinion that owes nothing to .NET.</summary>
internal static class OpenSsl
{
    /// <summary>Runs one command with these bytes as its input.</summary>
    internal static async Task<(int ExitCode, string Output)> RunAsync(byte[] input, params string[] arguments)
    {
        ProcessStartInfo start = new("openssl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It refused before it had read everything; its exit code says so.
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
