using System.ComponentModel;
using System.Diagnostics;

namespace Sam.Cli.Demo;

/// <summary>Runs <c>verify.sh</c>: an opinion on the signatures that owes nothing to this program.</summary>
internal static class OpenSsl
{
    /// <summary>Whether this line is openssl's word that a signature is good.</summary>
    internal static bool IsVerdictOk(string line) => line == "Verified OK";

    /// <exception cref="CommandFailure">There is no openssl on the path.</exception>
    internal static void Require(CliHost host)
    {
        string[] folders = (host.Variable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] names = OperatingSystem.IsWindows() ? ["openssl.exe"] : ["openssl"];
        if (!folders.Any(folder => names.Any(name => File.Exists(Path.Combine(folder, name)))))
        {
            throw new CommandFailure("openssl is not installed, and the demo needs it to verify what it signs (apt install openssl).");
        }
    }

    /// <summary>Runs the script in its folder.</summary>
    /// <param name="folder">The folder with <c>verify.sh</c>.</param>
    /// <param name="signatures">How many signatures must be found good.</param>
    /// <param name="host">Its PATH is the script's.</param>
    /// <param name="cancellationToken">Kills the script.</param>
    /// <returns>What it wrote, and whether it accepted everything.</returns>
    internal static async Task<(IReadOnlyList<string> Output, bool Verified)> VerifyAsync(
        DirectoryInfo folder, int signatures, CliHost host, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh", [VerifyScript.FileName])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = host.Variable("PATH");
        using Process process = Start(start);
        await using CancellationTokenRegistration kill = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        process.StandardInput.Close();

        // The script sends its errors to standard output, in order; what is left on standard error is the shell's own complaint.
        Task<string> complaint = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string text = await process.StandardOutput.ReadToEndAsync(CancellationToken.None) + await complaint;
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();

        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (lines, process.ExitCode == 0 && lines.Count(IsVerdictOk) == signatures);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new CommandFailure("verify.sh could not be started.");
        }
        catch (Win32Exception e)
        {
            throw new CommandFailure($"verify.sh could not be started: {e.Message}", innerException: e);
        }
    }
}
