using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sam.Cli;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>What surrounds the calls: wrong command lines, secrets, strange answers, completion.</summary>
public sealed class AdminSurroundingsTests
{
    private const string Id = "00000000000000000000000000000000";

    [Theory]
    [InlineData("sam: --officer ISSUER SUB is given three times. See: sam init --help", "init", "--officer", "i", "a", "--officer", "i", "b")]
    [InlineData("sam: This is no SIGNER: .. See: sam signer show --help", "signer", "show", "..")]
    [InlineData("sam: Option '--reason' is required. See: sam signer suspend --help", "signer", "suspend", Id)]
    [InlineData("sam: --out FILE or --cms FILE is wanted. See: sam request --help", "request", Id + "." + Id)]
    [InlineData("sam: --name, --role or --disabled is wanted. See: sam propose change-officer --help", "propose", "change-officer", Id)]
    [InlineData("sam: SAM_TOKEN is not set: an access token of your own is wanted.", "status")]
    public async Task A_wrong_command_line_is_one_line_and_2(string said, params string[] arguments)
    {
        using Shell shell = new("http://127.0.0.1:1", TimeProvider.System);
        Assert.Equal((2, string.Empty, said + Environment.NewLine), await shell.TryAsync(arguments));
    }

    [Fact]
    public async Task A_secret_is_asked_for_twice_where_a_slip_would_be_kept_and_never_taken_where_there_is_nobody_to_ask()
    {
        using Shell shell = new("http://127.0.0.1:1", TimeProvider.System);
        Assert.Equal((2, "sam: Enrolment code: there is no terminal to ask at. Give --code-file."), await shell.FailAsync("portal:alice", "enrol"));
        shell.Typed = new Queue<string>(["code", "1234", "1243"]);
        Assert.Equal((2, "sam: New PIN: you typed two different ones."), await shell.FailAsync("portal:alice", "enrol"));
        Assert.Equal(["Enrolment code", "New PIN", "New PIN again"], shell.Asked);
        Assert.Equal((2, "sam: Enrolment code: it is empty."), await shell.FailAsync("portal:alice", "enrol", "--code-file", "-"));
    }

    [Fact]
    public void What_is_typed_is_not_shown()
    {
        using StringWriter shown = new();
        Queue<ConsoleKeyInfo> keys = new([Key('a'), Key('x'), new('\b', ConsoleKey.Backspace, false, false, false), Key('b'), new('\t', ConsoleKey.Tab, false, false, false), new('\r', ConsoleKey.Enter, false, false, false)]);
        Assert.Equal("ab", SecretPrompt.Read("PIN", shown, keys.Dequeue));
        Assert.Equal("PIN: " + Environment.NewLine, shown.ToString());

        static ConsoleKeyInfo Key(char letter) => new(letter, ConsoleKey.None, false, false, false);
    }

    [Theory]
    [InlineData("""{"deployment":"a\u001b[31m\u202eb\nc","initialized":true,"publicKey":""}""", "table", "deployment   a?[31m?b?c")]
    [InlineData("""{"deployment":"a\u001b[31m","initialized":true,"publicKey":"","more":1}""", "json", """{"deployment":"a\u001B[31m","initialized":true,"publicKey":"","more":1}""")]
    public async Task No_answer_steers_the_terminal(string answer, string output, string line)
    {
        await using WebApplication sam = await AnswerAsync(200, answer);
        using Shell shell = new(sam.Urls.Single(), TimeProvider.System);
        Assert.StartsWith(line, await shell.RunAsync("console", "status", "--output", output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(409, """{"code":"Odd\u001bCode","title":"Odd"}""", "sam: Odd?Code: Odd")]
    [InlineData(422, """{"code":"ParameterInvalid","title":"Wrong","parameter":"officers"}""", "sam: ParameterInvalid: Wrong (officers)")]
    [InlineData(502, "<html>", "sam: HTTP 502")]
    [InlineData(200, """{"deployment":1}""", "sam: The answer of URL/sam/v1/status is not what the API says (at $.deployment).")]
    [InlineData(200, "{}", "sam: The answer of URL/sam/v1/status is not what the API says (at $).")]
    [InlineData(200, "nothing", "sam: The answer of URL/sam/v1/status is not what the API says (at $).")]
    public async Task What_is_no_answer_is_one_line_and_1(int status, string answer, string said)
    {
        await using WebApplication sam = await AnswerAsync(status, answer);
        using Shell shell = new(sam.Urls.Single(), TimeProvider.System);
        Assert.Equal((1, said.Replace("URL", sam.Urls.Single(), StringComparison.Ordinal)), await shell.FailAsync("console", "status"));
    }

    [Theory]
    [InlineData("sam signer re", "register resume")]
    [InlineData("sam cre", "credential")]
    [InlineData("sam credential create x p2", "p256")]
    [InlineData("sam signer suspend --rea", "--reason")]
    [InlineData("sam prop", "proposal propose")]
    [InlineData("sam officer ", "enrol list")]
    public async Task Bash_completes_commands_options_and_values(string line, string expected)
    {
        using Shell shell = new("http://127.0.0.1:1", TimeProvider.System);
        string script = shell.Write("completion", (await shell.TryAsync("completion", "bash")).Out);
        string test = $$"""
            sam() { dotnet "{{Path.Combine(AppContext.BaseDirectory, "sam.dll")}}" "$@"; }
            . ./{{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}}
            read -r -a COMP_WORDS <<< "$COMP_LINE"
            [[ $COMP_LINE != *' ' ]] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _sam
            echo "${COMPREPLY[@]}"
            """;
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-c", test]) { RedirectStandardOutput = true, WorkingDirectory = shell.Folder })!;
        Assert.Equal(expected, (await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd());
    }

    /// <summary>The answer was lost, and the SAM may have the key: it must not be thrown away.</summary>
    [Fact]
    public async Task A_key_whose_enrolment_is_in_doubt_stays()
    {
        await using WebApplication sam = await AnswerAsync(200, """{"deployment":"d","initialized":true,"publicKey":""}""", lost: "/sam/v1/officers/enrolment");
        using Shell shell = new(sam.Urls.Single(), TimeProvider.System);
        (int exitCode, string error) = await shell.FailAsync("console:rita", "officer", "enrol", "--code-file", shell.Write("code", "x"), "--key", "rita.pem");
        Assert.Equal(1, exitCode);
        Assert.EndsWith($"Whether the key in {Path.Combine(shell.Folder, "rita.pem")} is enrolled is not known: sam officer list tells.", error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(shell.Folder, "rita.pem")));
    }

    private static async Task<WebApplication> AnswerAsync(int status, string answer, string? lost = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path == lost)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            context.Response.StatusCode = status;
            return context.Response.WriteAsync(answer);
        });
        await app.StartAsync();
        return app;
    }
}
