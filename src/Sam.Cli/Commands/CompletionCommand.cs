using System.CommandLine;

namespace Sam.Cli.Commands;

/// <summary><c>sam completion bash</c>: a script that asks <c>sam</c> itself what may come next, so it knows every command that there is.</summary>
internal static class CompletionCommand
{
    // The line up to the cursor, without the command's own name. Options are for who has typed a dash; where sam has nothing to say, bash completes names of files.
    private const string Bash = """
        # Completion for sam: source this, or put it into ~/.local/share/bash-completion/completions/sam
        _sam() {
          local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} wanted='^[^-/]' IFS=$'\n'
          line=${line#"${COMP_WORDS[0]}"}
          line=${line#"${line%%[![:space:]]*}"}
          [[ $word != -* ]] || wanted='^-'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2> /dev/null | grep "$wanted")" -- "$word"))
        }
        complete -o default -F _sam sam
        """;

    internal static Command Create(CliHost host)
    {
        Argument<string> shell = new("SHELL") { Description = "bash" };
        shell.AcceptOnlyFromAmong("bash");
        Command command = new("completion", "Prints a script that completes sam's commands and options.") { shell };
        command.SetAction(async (_, _) =>
        {
            await host.Out.WriteLineAsync(Bash);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Whether a line asks what may come next: it is no command, and never complete.</summary>
    internal static bool IsAsked(IReadOnlyList<string> arguments) => arguments is [{ } first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal);
}
