using System.Diagnostics;
using System.Runtime.Versioning;
using Sam.Tests.Architecture;

namespace Sam.Tests.Infrastructure;

/// <summary>
/// Runs a hook with an <c>az</c> and an <c>azd</c> that only write down what they are asked, and answer from a table: what Azure would do cannot be tried here,
/// but what it would be asked can. Nor does anybody sleep.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class FakeAzure : IDisposable
{
    private const string Recorder = """
        #!/usr/bin/env bash
        printf '%s' "${0##*/}" >> "$FAKE_LOG"
        printf ' %q' "$@" >> "$FAKE_LOG"
        printf '\n' >> "$FAKE_LOG"
        asked="${0##*/} $*"
        [[ -z ${FAKE_DOMAIN:-} || $asked != *'security-domain download'* ]] || echo '{}' > "$FAKE_DOMAIN"
        while IFS=$'\t' read -r part code answer; do
          if [[ $asked == *"$part"* ]]; then
            # What is refused says why where az says it.
            if ((code)); then printf '%b' "$answer" >&2; else printf '%b' "$answer"; fi
            exit "$code"
          fi
        done < "$FAKE_ANSWERS"
        """;

    private readonly List<(string Part, int Code, string Answer)> _answers = [];
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    internal FakeAzure()
    {
        foreach (string name in new[] { "az", "azd", "sleep" })
        {
            string path = Path.Combine(Folder, name);
            File.WriteAllText(path, Recorder);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("sam-azure-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>What the first matching line answers is what is answered; whatever matches none succeeds and says nothing.</summary>
    internal FakeAzure Answer(string part, string answer, int code = 0)
    {
        _answers.Add((part, code, answer));
        return this;
    }

    internal FakeAzure With(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    /// <summary>Runs the hook of an HSM in this state. No role is given yet, unless an earlier answer says so.</summary>
    internal Task<(int Code, string Said, IReadOnlyList<string> Asked)> RunAsync(string hook, string status) =>
        Answer("activationStatus", status).Answer("length(@)", "0").RunAsync(hook);

    /// <summary>The exit code, what was said on standard error, and the commands that were given, with their arguments quoted for the shell.</summary>
    internal async Task<(int Code, string Said, IReadOnlyList<string> Asked)> RunAsync(string hook)
    {
        string log = Path.Combine(Folder, "log");
        string answers = Path.Combine(Folder, "answers");
        await File.WriteAllTextAsync(log, string.Empty);
        await File.WriteAllLinesAsync(answers, _answers.Select(a => FormattableString.Invariant($"{a.Part}\t{a.Code}\t{a.Answer}")));
        ProcessStartInfo start = new("bash", [Repository.PathOf($"infra/hooks/{hook}.sh")]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = Folder };
        start.Environment["PATH"] = $"{Folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["FAKE_LOG"] = log;
        start.Environment["FAKE_ANSWERS"] = answers;
        foreach ((string name, string value) in _environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string said = await process.StandardError.ReadToEndAsync() + await output;
        await process.WaitForExitAsync();
        return (process.ExitCode, said, await File.ReadAllLinesAsync(log));
    }
}
