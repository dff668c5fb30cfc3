using System.Globalization;
using System.Security.Cryptography;

namespace Sam.Cli.Demo;

/// <summary>The folder that a demo leaves: all that is needed to verify, and nothing secret.</summary>
internal static class DemoFolder
{
    private const string CaFile = "ca.pem";

    /// <summary>The folder asked for, or a fresh one under <c>demo-out</c>. It is not created yet.</summary>
    /// <exception cref="CommandFailure">It has something in it: results of two runs must not mix.</exception>
    internal static DirectoryInfo Choose(CliHost host, string fileName, string? asked)
    {
        if (asked is not null)
        {
            var folder = new DirectoryInfo(Path.GetFullPath(asked, host.WorkingDirectory));
            return File.Exists(folder.FullName) || (folder.Exists && folder.EnumerateFileSystemInfos().Any())
                ? throw new CommandFailure($"{asked} is not an empty folder.")
                : folder;
        }

        string time = host.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string path = Path.Combine(host.WorkingDirectory, "demo-out", $"{fileName}-{time}");
        return Enumerable.Range(1, int.MaxValue)
            .Select(n => new DirectoryInfo(n == 1 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}-{n}")))
            .First(folder => !folder.Exists);
    }

    /// <summary>Writes everything; the file is copied as a stream, since it may be large.</summary>
    /// <returns>The names of the files, in the order in which a reader wants them.</returns>
    internal static async Task<IReadOnlyList<string>> WriteAsync(
        DirectoryInfo folder, FileInfo document, byte[] caCertificate, IReadOnlyList<DemoEvidence> evidence, CancellationToken cancellationToken)
    {
        folder.Create();
        string[] keys = [.. evidence.Select(e => e.Key)];
        string copy = CopyName(document.Name, keys);
        await using (FileStream source = document.OpenRead())
        await using (var target = new FileStream(Path.Combine(folder.FullName, copy), FileMode.CreateNew, FileAccess.Write))
        {
            await source.CopyToAsync(target, cancellationToken);
        }

        string ca = Pem(caCertificate);
        await WriteTextAsync(CaFile, ca);
        foreach (DemoEvidence item in evidence)
        {
            string certificate = Pem(item.Certificate);
            await WriteTextAsync($"{item.Key}.cert.pem", certificate);
            await WriteTextAsync($"{item.Key}.chain.pem", certificate + ca);
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, $"{item.Key}.sig"), item.Signature, cancellationToken);
        }

        await WriteTextAsync(VerifyScript.FileName, VerifyScript.Render(copy, keys));
        MakeExecutable(Path.Combine(folder.FullName, VerifyScript.FileName));
        return [copy, CaFile, .. keys.SelectMany(FilesOf), VerifyScript.FileName];

        Task WriteTextAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder.FullName, name), text, cancellationToken);
    }

    /// <summary>The file keeps its name, unless that is one of the folder's own names.</summary>
    internal static string CopyName(string name, IReadOnlyList<string> keys)
    {
        string[] own = [CaFile, VerifyScript.FileName, .. keys.SelectMany(FilesOf), .. keys.Select(key => $"{key}.pub.pem")];
        return own.Contains(name, StringComparer.OrdinalIgnoreCase) ? "document-" + name : name;
    }

    private static string[] FilesOf(string key) => [$"{key}.cert.pem", $"{key}.chain.pem", $"{key}.sig"];

    private static string Pem(byte[] certificate) => PemEncoding.WriteString("CERTIFICATE", certificate) + "\n";

    private static void MakeExecutable(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
