using System.CommandLine;
using Sam.Cli.Admin;
using Sam.Cli.Http;

namespace Sam.Cli.Commands;

/// <summary>One run of one command: what it was given, and the API to call.</summary>
internal sealed class AdminCall(CliHost host, ParseResult parsed, AdminOptions options, AdminClient sam)
{
    internal AdminClient Sam => sam;

    internal CliHost Host => host;

    internal T Get<T>(Argument<T> argument) => parsed.GetRequiredValue(argument);

    internal T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>An argument that need not be given.</summary>
    internal T? Find<T>(Argument<T> argument) => parsed.GetValue(argument);

    internal string Reason => parsed.GetRequiredValue(options.Reason);

    internal string? IdempotencyKey => parsed.GetValue(options.IdempotencyKey);

    internal Secret Code => ReadSecret(options.CodeFile, "Enrolment code");

    internal Secret Pin => ReadSecret(options.PinFile, "PIN");

    /// <summary>A file as the working directory has it.</summary>
    internal string PathOf(string file) => Path.GetFullPath(file, host.WorkingDirectory);

    /// <summary>A secret out of a file, or from the terminal.</summary>
    /// <param name="file">The option that names the file.</param>
    /// <param name="what">What is asked for.</param>
    /// <param name="twice">Whether it is asked for twice: one that is set, and that a slip would change.</param>
    internal Secret ReadSecret(Option<string?> file, string what, bool twice = false) => SecretFiles.Read(host, parsed.GetValue(file), file.Name, what, twice);

    /// <summary>The version that a change starts from: as given, or as it is now.</summary>
    internal async Task<string> VersionAsync<T>(Func<Task<SamReply<AdminAnswer<T>>>> read) =>
        parsed.GetValue(options.IfMatch) is { } given ? $"\"{given.Trim('"')}\""
        : (await read()).OrFail().ETag ?? throw new CommandFailure("The SAM gives no version of this.");

    /// <summary>Shows an answer, or prints it as it came.</summary>
    internal void Show<T>(AdminAnswer<T> answer, Action<Report, T> show)
    {
        if (parsed.GetValue(options.Output) == AdminOptions.Json)
        {
            host.Out.WriteLine(AdminJson.Print(answer.Json));
        }
        else
        {
            show(new Report(host.Out), answer.Value);
        }
    }
}
