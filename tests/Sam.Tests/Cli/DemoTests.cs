using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Sam.Tests.Cli;

public sealed partial class DemoTests
{
    [Fact]
    public async Task A_file_is_signed_by_both_keys_and_openssl_says_Verified_OK_twice()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        int exitCode = await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir"), "--out", "out");

        Assert.Equal((0, string.Empty), (exitCode, run.Error));
        Assert.Equal(2, VerifiedOk().Count(run.Out));
        Assert.Contains("rsa3072.cert.pem: OK", run.Out, StringComparison.Ordinal);
        Assert.Contains("p256.cert.pem: OK", run.Out, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(run.Out, "refused, HTTP 400 invalid_request: Invalid parameter SAD"));
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    [Trait("Requirement", "ACT-2")]
    [Trait("Requirement", "APX-1")]
    [Trait("Requirement", "APX-2")]
    [Trait("Requirement", "APX-3")]
    public async Task The_device_approves_one_document_and_then_a_hundred_by_each_method()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        Assert.Equal(0, await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir"), "--out", "out"));

        Assert.Matches("""(?m)^  device       shows demo-sca, 1 document, "letter.txt", short code \S+; approved""", run.Out);
        Assert.Matches("(?m)^  method 1     1 SAD for 100 each, short code \\S+: 100 of 100 verified here", run.Out);
        Assert.Matches("(?m)^  method 2     100 SADs for 1 each, short code \\S+: 100 of 100 verified here", run.Out);
        Assert.Matches("(?m)^  both         10 SADs for 10 each, short code \\S+: 100 of 100 verified here", run.Out);
    }

    [Fact]
    public async Task The_folder_holds_what_a_stranger_needs()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir"), "--out", "out");

        string folder = Path.Combine(run.Folder, "out");
        Assert.Equal(
            [
                "ca.pem", "letter.txt", "p256.cert.pem", "p256.chain.pem", "p256.pub.pem", "p256.sig",
                "rsa3072.cert.pem", "rsa3072.chain.pem", "rsa3072.pub.pem", "rsa3072.sig", "verify.sh",
            ],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("Dear Sir", await File.ReadAllTextAsync(Path.Combine(folder, "letter.txt"), Token));
        Assert.Equal(384, new FileInfo(Path.Combine(folder, "rsa3072.sig")).Length);
    }

    [Fact]
    public async Task The_folder_verifies_elsewhere_and_stops_verifying_when_one_byte_of_the_file_changes()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);
        await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir"), "--out", "out");
        string moved = Path.Combine(run.Folder, "moved to another place");
        Directory.Move(Path.Combine(run.Folder, "out"), moved);

        Assert.Equal((0, 2), await VerifyAsync(moved));

        await File.WriteAllTextAsync(Path.Combine(moved, "letter.txt"), "Dear sir", Token);
        Assert.Equal((1, 0), await VerifyAsync(moved));
    }

    [Fact]
    public async Task A_certificate_of_another_CA_fails_the_script()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);
        string file = run.Write("letter.txt", "Dear Sir");
        await run.RunAsync("demo", file, "--out", "one");
        await run.RunAsync("demo", file, "--out", "two");

        File.Copy(Path.Combine(run.Folder, "two", "ca.pem"), Path.Combine(run.Folder, "one", "ca.pem"), overwrite: true);

        Assert.Equal((1, 2), await VerifyAsync(Path.Combine(run.Folder, "one")));
    }

    [Theory]
    [InlineData("a b'c\"$(touch pwned)`.txt")]
    [InlineData("-sha512")]
    [InlineData("ca.pem")]
    [InlineData("verify.sh")]
    [InlineData("[red]markup")]
    [InlineData("two\nlines")]
    public async Task Any_file_name_is_only_a_name(string name)
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);
        run.Write(name, "content");

        int exitCode = await run.RunAsync("demo", "./" + name, "--out", "out");

        Assert.Equal((0, string.Empty), (exitCode, run.Error));
        Assert.Equal(2, VerifiedOk().Count(run.Out));
        Assert.False(File.Exists(Path.Combine(run.Folder, "out", "pwned")));
    }

    [Fact]
    public async Task An_empty_file_can_be_signed()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        Assert.Equal(0, await run.RunAsync("demo", run.Write("empty", string.Empty)));
    }

    [Fact]
    public async Task Each_run_has_a_folder_of_its_own_named_by_file_and_UTC_time()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);
        string file = run.Write("letter.txt", "Dear Sir");

        await run.RunAsync("demo", file);
        await run.RunAsync("demo", file);

        string name = "letter.txt-" + run.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", null);
        Assert.Equal(
            [name, name + "-2"],
            Directory.GetDirectories(Path.Combine(run.Folder, "demo-out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_left_alone()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);
        string file = run.Write("letter.txt", "Dear Sir");

        Assert.Equal(1, await run.RunAsync("demo", file, "--out", "."));

        Assert.Equal("sam: . is not an empty folder." + Environment.NewLine, run.Error);
        Assert.Empty(await sam.CredentialsAsync());
    }

    [Fact]
    public async Task Neither_PIN_nor_SAD_nor_token_is_shown_or_left_behind()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam);

        await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir"), "--out", "out");

        string all = run.Out + run.Error + string.Concat(Directory.GetFiles(Path.Combine(run.Folder, "out")).Select(File.ReadAllText));
        Assert.Equal(["PIN", "SAD", "code", "key", "secret", "token"], sam.Secrets.Select(s => s.Kind).Distinct().Order(StringComparer.Ordinal));
        Assert.All(sam.Secrets, secret => Assert.DoesNotContain(secret.Value, all, StringComparison.Ordinal));
        Assert.InRange(Assert.Single(sam.Pins).Value.Length, 16, 64);
    }

    [Theory]
    [InlineData(StandInFault.SignsTwice, "SIGNED AGAIN")]
    [InlineData(StandInFault.FailsOnSecondUse, "FAILED OTHERWISE than by a refusal: HTTP 500 server_error")]
    [InlineData(StandInFault.FlipsABit, "NOT VERIFIED")]
    public async Task A_SAM_that_does_wrong_ends_the_demo_with_1(StandInFault fault, string said)
    {
        await using StandInSam sam = await StandInSam.StartAsync(fault);
        using var run = new CliRun(sam);

        Assert.Equal(1, await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir")));

        Assert.Contains(said, run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Signed and verified", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StandInFault.RefusesPins, "sam: invalid_authentication_data: The authentication data is invalid")]
    [InlineData(StandInFault.ListsNothing, "sam: credentials/list does not name the new credential.")]
    [InlineData(StandInFault.ShowsAnotherCertificate, "sam: credentials/info shows another certificate than the one that was made.")]
    [InlineData(StandInFault.NotASam, "sam: HTTP 502")]
    public async Task A_refusal_ends_the_demo_with_one_line_and_no_folder(StandInFault fault, string line)
    {
        await using StandInSam sam = await StandInSam.StartAsync(fault);
        using var run = new CliRun(sam);

        Assert.Equal(1, await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir"), "--out", "out"));

        Assert.Equal(line + Environment.NewLine, run.Error);
        Assert.False(Directory.Exists(Path.Combine(run.Folder, "out")));
    }

    [Fact]
    public async Task A_missing_file_is_said_in_one_line()
    {
        using var run = new CliRun();

        Assert.Equal(1, await run.RunAsync("demo", "nowhere.txt"));

        Assert.Equal("sam: There is no file nowhere.txt." + Environment.NewLine, run.Error);
    }

    [Fact]
    public async Task Without_openssl_nothing_is_begun()
    {
        await using StandInSam sam = await StandInSam.StartAsync();
        using var run = new CliRun(sam).With("PATH", "/nonexistent");

        Assert.Equal(1, await run.RunAsync("demo", run.Write("letter.txt", "Dear Sir")));

        Assert.StartsWith("sam: openssl is not installed", run.Error, StringComparison.Ordinal);
        Assert.Empty(sam.Pins);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [GeneratedRegex("^  Verified OK$", RegexOptions.Multiline)]
    private static partial Regex VerifiedOk();

    /// <summary>Runs the script as a stranger would: from elsewhere, by its path.</summary>
    private static async Task<(int ExitCode, int Verified)> VerifyAsync(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "verify.sh")) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, Regex.Count(output, "^Verified OK$", RegexOptions.Multiline));
    }
}
