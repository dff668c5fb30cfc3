using Sam.Cli;
using Sam.Cli.Demo;
using Sam.Cli.Http;
using Xunit;

namespace Sam.Tests.Cli;

/// <summary>The golden files hold what a person sees; ESC is written as \e there, so that they can be read and reviewed.</summary>
public sealed class DemoRendererTests
{
    private static readonly SamRefusal _spent = new(400, "invalid_request", "Invalid parameter SAD");

    private static readonly DemoReport _finished = new(
        new DemoOpening(
            "README.md", 12345, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", new Uri("http://127.0.0.1:7180/"), "FunctionsSam", "2.0.0.2", "demo-0123456789ab"),
        [
            new DemoSignature("rsa3072", DemoKey.All[0].Scheme, "1.2.840.113549.1.1.11", "c-1111", "4A00000000000000000000000000000B", 300, 384, _spent),
            new DemoSignature("p256", DemoKey.All[1].Scheme, "1.2.840.10045.4.3.2", "c-2222", "5C00000000000000000000000000000D", 300, 71, _spent),
        ],
        new DemoVerification(
            "demo-out/README.md-20260102T030405Z",
            ["README.md", "ca.pem", "rsa3072.cert.pem", "rsa3072.chain.pem", "rsa3072.sig", "p256.cert.pem", "p256.chain.pem", "p256.sig", "verify.sh"],
            [
                "$ openssl verify -CAfile ca.pem rsa3072.cert.pem",
                "rsa3072.cert.pem: OK",
                "$ openssl x509 -in rsa3072.cert.pem -pubkey -noout > rsa3072.pub.pem",
                "$ openssl dgst -sha256 -verify rsa3072.pub.pem -signature rsa3072.sig ./README.md",
                "Verified OK",
                "$ openssl verify -CAfile ca.pem p256.cert.pem",
                "p256.cert.pem: OK",
                "$ openssl x509 -in p256.cert.pem -pubkey -noout > p256.pub.pem",
                "$ openssl dgst -sha256 -verify p256.pub.pem -signature p256.sig ./README.md",
                "Verified OK",
            ],
            Verified: true),
        new DemoApproval("c-3333", "demo-sca", "README.md", 1, "1234-5678", Verified: true),
        [
            new DemoBatch("method 1", 100, "1111-2222", 1, 100, TimeSpan.FromMilliseconds(340)),
            new DemoBatch("method 2", 100, "3333-4444", 100, 100, TimeSpan.FromSeconds(2)),
            new DemoBatch("both", 100, "5555-6666", 10, 100, TimeSpan.FromMilliseconds(1250)),
        ]);

    private static readonly DemoReport _failed = _finished with
    {
        Signatures =
        [
            _finished.Signatures[0] with { SecondUse = null },
            _finished.Signatures[1] with { SecondUse = new SamRefusal(503, "temporarily_unavailable", string.Empty) },
        ],
        Approval = _finished.Approval with { Verified = false },
        Batches = [_finished.Batches[0] with { Verified = 99 }],
        Verification = _finished.Verification with { Output = ["$ openssl dgst …", "Verification failure"], Verified = false },
    };

    [Theory]
    [InlineData("finished.plain.txt", true, false)]
    [InlineData("finished.colour.txt", true, true)]
    [InlineData("failed.plain.txt", false, false)]
    [InlineData("failed.colour.txt", false, true)]
    public void A_report_reads_as_its_golden_file(string golden, bool finished, bool colour)
    {
        string expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cli", "Golden", golden));

        Assert.Equal(expected, Render(finished ? _finished : _failed, colour), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Colour_adds_nothing_but_colour()
    {
        string stripped = System.Text.RegularExpressions.Regex.Replace(Render(_failed, colour: true), @"\\e\[[0-9;]*m", string.Empty);

        Assert.Equal(Render(_failed, colour: false), stripped);
    }

    [Theory]
    [InlineData(null, "xterm-256color", false, true)]
    [InlineData("", "xterm-256color", false, true)]
    [InlineData("1", "xterm-256color", false, false)]
    [InlineData("0", "xterm-256color", false, false)]
    [InlineData(null, "dumb", false, false)]
    [InlineData(null, "xterm-256color", true, false)]
    public void Colour_is_for_terminals_that_want_it(string? noColor, string term, bool redirected, bool expected) =>
        Assert.Equal(expected, CliHost.WantsColour(name => name == "NO_COLOR" ? noColor : name == "TERM" ? term : null, redirected));

    private static string Render(DemoReport report, bool colour)
    {
        using var writer = new StringWriter();
        new DemoRenderer(writer, colour).Write(report);
        return writer.ToString().Replace("\u001b", "\\e", StringComparison.Ordinal);
    }
}
