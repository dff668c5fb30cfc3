using System.CommandLine;
using Sam.Cli.Demo;
using Sam.Cli.Http;

namespace Sam.Cli.Commands;

/// <summary><c>sam demo</c>: a real file signed by keys in the HSM, and verified by openssl.</summary>
internal static class DemoCommand
{
    internal static Command Create(CliHost host)
    {
        var file = new Argument<string>("FILE") { Description = "The file to sign. Only its SHA-256 is sent." };
        var folder = new Option<string?>("--out") { Description = "The folder for the results: new or empty. Default: ./demo-out/<file name>-<UTC time>.", HelpName = "DIR" };
        var command = new Command("demo", "Signs a file with an RSA-3072 and a P-256 key in the HSM, shows that a SAD is good once, and verifies with openssl; then the signer approves on a device, one document and a hundred.") { file, folder };
        command.SetAction((parsed, cancellationToken) => RunAsync(host, parsed.GetRequiredValue(file), parsed.GetValue(folder), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliHost host, string file, string? folder, CancellationToken cancellationToken)
    {
        // Everything that can be missing is looked for before anything is made.
        OpenSsl.Require(host);
        FileInfo document = Document(host, file);
        DirectoryInfo target = DemoFolder.Choose(host, document.Name, folder);
        using var sam = new SamClient(SamAddress.From(host.Variable("SAM_URL")));

        DemoReport report = await new DemoRun(sam, host, new DemoRenderer(host.Out, host.Colour)).RunAsync(document, target, cancellationToken);
        return report.Succeeded ? ExitCodes.Ok : ExitCodes.Failure;
    }

    private static FileInfo Document(CliHost host, string file)
    {
        string path = Path.GetFullPath(file, host.WorkingDirectory);
        return Directory.Exists(path) ? throw new CommandFailure($"{file} is a folder, not a file.")
            : File.Exists(path) ? new FileInfo(path)
            : throw new CommandFailure($"There is no file {file}.");
    }
}
