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
    private const string DeviceVariable = "SAM_DEVICE";
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
            SamReply<AdminAnswer<OfficerRecord>> reply = await EnrolKeyAsync(
                path, NewPassphrase(), "sam officer list", key => new AdminClient(http, new AdminUser(Token(), key)).EnrolOfficerAsync(code, stop));
            new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token()))).Show(reply.OrFail(), show);
        });
    }

    /// <summary>Makes a key in a new file, and enrols it. The file is gone if that is refused, and stays if the answer was lost.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Null for none.</param>
    /// <param name="teller">The command that tells whether a key is enrolled.</param>
    /// <param name="enrol">Sends it.</param>
    internal static async Task<SamReply<T>> EnrolKeyAsync<T>(string path, Secret? passphrase, string teller, Func<ECDsa, Task<SamReply<T>>> enrol)
        where T : class
    {
        using ECDsa key = OfficerKeyFile.Create(path, passphrase);
        try
        {
            SamReply<T> reply = await enrol(key);
            if (reply.IsRefused(out _))
            {
                // It is nobody's, and would be in the way of the next try.
                File.Delete(path);
            }

            return reply;
        }
        catch (CommandFailure e)
        {
            throw new CommandFailure($"{e.Message} Whether the key in {path} is enrolled is not known: {teller} tells.", e.ExitCode, e);
        }
    }

    /// <summary>A command of anybody who has a token that is more than one call and an answer.</summary>
    internal Command Own(string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, CancellationToken, Task> run) =>
        Create(name, description, symbols, (http, parsed, stop) => run(new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token()))), stop));

    /// <summary>A command of a privileged user that is more than one call and an answer.</summary>
    internal Command OfficerAtWork(string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, CancellationToken, Task> run) =>
        Create(name, description, [.. symbols, Options.Key], async (http, parsed, stop) =>
        {
            using ECDsa key = OpenKey(parsed.GetValue(Options.Key));
            await run(new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token(), key))), stop);
        });

    /// <summary>A command of a signer's device, whose key signs.</summary>
    internal Command Device(string name, string description, IReadOnlyList<Symbol> symbols, Func<AdminCall, DeviceFile, CancellationToken, Task> run) =>
        Create(name, description, [.. symbols, Options.Device], async (http, parsed, stop) =>
        {
            using DeviceFile device = OpenDevice(parsed);
            await run(new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token(), device.Key))), device, stop);
        });

    /// <summary>A command of a signer's device that asks no SAM.</summary>
    internal Command DeviceAlone(string name, string description, IReadOnlyList<Symbol> symbols, Action<CliHost, ParseResult, DeviceFile> run) =>
        Create(name, description, [.. symbols, Options.Device], (_, parsed, _) =>
        {
            using DeviceFile device = OpenDevice(parsed);
            run(host, parsed, device);
            return Task.CompletedTask;
        });

    /// <summary>A command that asks no SAM.</summary>
    internal Command Alone(string name, string description, IReadOnlyList<Symbol> symbols, Action<CliHost, ParseResult> run) =>
        Create(name, description, symbols, (_, parsed, _) =>
        {
            run(host, parsed);
            return Task.CompletedTask;
        });

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
        await RunAsync(new AdminCall(host, parsed, Options, new AdminClient(http, new AdminUser(Token(), key))), call, show, stop);

    private static async Task RunAsync<T>(AdminCall run, Func<AdminCall, CancellationToken, Task<SamReply<AdminAnswer<T>>>> call, Action<Report, T> show, CancellationToken stop) =>
        run.Show((await call(run, stop)).OrFail(), show);

    private Secret Token() =>
        host.Variable(TokenVariable)?.Trim() is not { Length: > 0 } token ? throw new CommandFailure($"{TokenVariable} is not set: an access token of your own is wanted.", ExitCodes.Usage)
        : token.All(c => c is > ' ' and <= '~') ? new Secret(token)
        : throw new CommandFailure($"{TokenVariable} holds no access token.", ExitCodes.Usage);

    private ECDsa OpenKey(string? option)
    {
        string file = option ?? host.Variable(KeyVariable) ?? throw new CommandFailure($"Your key as a privileged user is wanted: --key FILE, or {KeyVariable}.", ExitCodes.Usage);
        return OfficerKeyFile.Open(Path.GetFullPath(file, host.WorkingDirectory), () => Passphrase(file));
    }

    private DeviceFile OpenDevice(ParseResult parsed)
    {
        string file = parsed.GetValue(Options.Device) ?? host.Variable(DeviceVariable) ?? throw new CommandFailure($"Your device is wanted: --device FILE, or {DeviceVariable}.", ExitCodes.Usage);
        return DeviceFile.Open(Path.GetFullPath(file, host.WorkingDirectory), () => Passphrase(file));
    }

    /// <summary>The passphrase of a key file, from the environment or the terminal.</summary>
    internal Secret Passphrase(string file) =>
        host.Variable(PassphraseVariable) is { Length: > 0 } given ? new Secret(given)
        : host.AskSecret is { } ask ? new Secret(ask($"Passphrase of {Printable.OneLine(file)}"))
        : throw new CommandFailure($"The key needs its passphrase, and there is no terminal to ask at. Set {PassphraseVariable}.", ExitCodes.Usage);

    /// <summary>Null for none: the file's mode is then all that protects the key.</summary>
    internal Secret? NewPassphrase()
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
