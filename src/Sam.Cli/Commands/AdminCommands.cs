using System.CommandLine;
using System.Security.Cryptography;
using Sam.Cli.Admin;
using Sam.Cli.Http;

namespace Sam.Cli.Commands;

/// <summary>
/// Makes the commands of the Admin API. Each is three parts: what it reads from the command line, the call, and how the answer is shown; who calls, versions, secrets, JSON and exit codes are the same for all.
/// </summary>
internal sealed class AdminCommands(CliHost host)
{
    private const string TokenVariable = "SAM_TOKEN";
    private const string KeyVariable = "SAM_OFFICER_KEY";
    private const string PassphraseVariable = "SAM_KEY_PASSPHRASE";

    internal AdminOptions Options { get; } = new();

    /// <summary>A command of anybody who has a token.</summary>
    internal Command User<T>(
        string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, CancellationToken, Task<SamReply<AdminAnswer<T>>>> call, Action<Report, T> show) =>
        Create(name, description, [.. symbols, Options.Output], (http, parsed, stop) => RunAsync(http, parsed, null, call, show, stop));

    /// <summary>A command of a privileged user, whose key signs what is sent.</summary>
    internal Command Officer<T>(
        string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, CancellationToken, Task<SamReply<AdminAnswer<T>>>> call, Action<Report, T> show) =>
        Create(name, description, [.. symbols, Options.Key, Options.Output], async (http, parsed, stop) =>
        {
            using ECDsa key = OpenKey(parsed.GetValue(Options.Key));
            await RunAsync(http, parsed, key, call, show, stop);
        });

    /// <summary>A command of a privileged user that changes what has versions.</summary>
    internal Command Change<T>(
        string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, CancellationToken, Task<SamReply<AdminAnswer<T>>>> call, Action<Report, T> show) =>
        Officer(name, description, [.. symbols, Options.IfMatch], call, show);

    /// <summary>A command of a privileged user that makes something: once, however often it is sent.</summary>
    internal Command Make<T>(
        string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, CancellationToken, Task<SamReply<AdminAnswer<T>>>> call, Action<Report, T> show) =>
        Officer(name, description, [.. symbols, Options.IdempotencyKey], call, show);

    /// <summary>The command that makes a privileged user's key, and enrols it.</summary>
    internal Command EnrolOfficer(string name, string description, Action<Report, OfficerRecord> show)
    {
        Option<string> file = new("--key") { Description = "The new file for the key.", HelpName = "FILE", Required = true };
        return Create(name, description, [Options.CodeFile, file, Options.Output], async (http, parsed, stop) =>
        {
            string path = Path.GetFullPath(parsed.GetRequiredValue(file), host.WorkingDirectory);
            Secret code = new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token()))).Code;
            using ECDsa key = OfficerKeyFile.Create(path, NewPassphrase());
            AdminClient officer = new(http, new AdminUser(Token(), key));
            SamReply<AdminAnswer<OfficerRecord>> reply;
            try
            {
                reply = await officer.EnrolOfficerAsync(code, stop);
            }
            catch (CommandFailure e)
            {
                throw new CommandFailure($"{e.Message} Whether the key in {path} is enrolled is not known: sam officer list tells.", e.ExitCode, e);
            }

            if (reply.IsRefused(out _))
            {
                // It is nobody's, and would be in the way of the next try.
                File.Delete(path);
            }

            Show(parsed, reply.OrFail(), show);
        });
    }

    private Command Create(string name, string description, IEnumerable<Symbol> symbols, Func<AdminHttp, ParseResult, CancellationToken, Task> run)
    {
        Command command = new(name, description);
        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, stop) =>
        {
            using AdminHttp http = new(SamAddress.From(host.Variable("SAM_URL")), host.Clock);
            await run(http, parsed, stop);
            return ExitCodes.Ok;
        });
        return command;
    }

    private async Task RunAsync<T>(
        AdminHttp http,
        ParseResult parsed,
        ECDsa? key,
        Func<AdminCall, CancellationToken, Task<SamReply<AdminAnswer<T>>>> call,
        Action<Report, T> show,
        CancellationToken stop) =>
        Show(parsed, (await call(new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token(), key))), stop)).OrFail(), show);

    private void Show<T>(ParseResult parsed, AdminAnswer<T> answer, Action<Report, T> show)
    {
        if (parsed.GetValue(Options.Output) == AdminOptions.Json)
        {
            host.Out.WriteLine(AdminJson.Print(answer.Json));
        }
        else
        {
            show(new Report(host.Out), answer.Value);
        }
    }

    private Secret Token() =>
        host.Variable(TokenVariable)?.Trim() is not { Length: > 0 } token ? throw new CommandFailure($"{TokenVariable} is not set: an access token of your own is wanted.", ExitCodes.Usage)
        : token.All(c => c is > ' ' and <= '~') ? new Secret(token)
        : throw new CommandFailure($"{TokenVariable} holds no access token.", ExitCodes.Usage);

    private ECDsa OpenKey(string? option)
    {
        string file = option ?? host.Variable(KeyVariable) ?? throw new CommandFailure($"Your key as a privileged user is wanted: --key FILE, or {KeyVariable}.", ExitCodes.Usage);
        return OfficerKeyFile.Open(Path.GetFullPath(file, host.WorkingDirectory), () =>
            host.Variable(PassphraseVariable) is { Length: > 0 } given ? new Secret(given)
            : host.AskSecret is { } ask ? new Secret(ask($"Passphrase of {Printable.OneLine(file)}"))
            : throw new CommandFailure($"The key needs its passphrase, and there is no terminal to ask at. Set {PassphraseVariable}.", ExitCodes.Usage));
    }

    /// <summary>Null for none: the file's mode is then all that protects the key.</summary>
    private Secret? NewPassphrase()
    {
        string? text = host.Variable(PassphraseVariable);
        if (text is null && host.AskSecret is { } ask)
        {
            text = ask("Passphrase for the new key (empty for none)");
            if (text.Length > 0 && ask("The same passphrase again") != text)
            {
                throw new CommandFailure("You typed two different passphrases.", ExitCodes.Usage);
            }
        }

        return string.IsNullOrEmpty(text) ? null : new Secret(text);
    }
}
