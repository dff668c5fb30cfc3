using System.Globalization;
using Spectre.Console;

namespace Sam.Cli.Demo;

/// <summary>
/// Shows a demo, part by part as it happens. Every line says in words what its colour says, so nothing is lost without colour;
/// lines are never folded, so that a command can be copied.
/// </summary>
internal sealed class DemoRenderer
{
    private const int LabelWidth = 13;

    private static readonly Style _heading = new(decoration: Decoration.Bold);
    private static readonly Style _label = new(foreground: Color.Teal);
    private static readonly Style _good = new(foreground: Color.Green);
    private static readonly Style _bad = new(foreground: Color.Red, decoration: Decoration.Bold);

    private readonly IAnsiConsole _console;

    internal DemoRenderer(TextWriter output, bool colour)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),

            // The variables of build services would turn colour on behind the caller's back.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        _console.Profile.Width = 4096;
    }

    internal void Write(DemoReport report)
    {
        Write(report.Opening);
        foreach (DemoSignature signature in report.Signatures)
        {
            Write(signature);
        }

        Write(report.Verification);
        Write(report.Approval);
        Write(report.Batches);
        WriteEnd(report);
    }

    internal void Write(DemoOpening opening)
    {
        Heading("A file is signed through the SAM");
        Row("file", $"{opening.FileName}, {opening.Bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes");
        Row("SHA-256", opening.Sha256);
        Row("SAM", $"{opening.Address} ({opening.Service}, CSC API {opening.Specs})");
        Row("signer", $"{opening.Signer}, with a random PIN that is not shown");
        Line();
    }

    internal void Write(DemoSignature signature)
    {
        Heading($"{signature.Key}: {signature.Scheme}");
        Row("credential", signature.CredentialId);
        Row("certificate", $"by a demo CA made for this run, serial {signature.CertificateSerial}");
        Row("authorize", $"PIN accepted; SAD for one signature of this hash, good for {signature.ExpiresIn} s (not shown)");
        Row("signHash", $"signature of {signature.SignatureBytes} bytes by {signature.SignAlgo}");
        if (signature.SecondUseRefused)
        {
            Row("same SAD", $"refused, HTTP {signature.SecondUse!.Status} {signature.SecondUse}", _good);
        }
        else if (signature.SecondUse is null)
        {
            Row("same SAD", "SIGNED AGAIN: a SAD must be good once only", _bad);
        }
        else
        {
            Row("same SAD", $"FAILED OTHERWISE than by a refusal: HTTP {signature.SecondUse.Status} {signature.SecondUse}", _bad);
        }

        Line();
    }

    internal void Write(DemoVerification verification)
    {
        Heading($"Files in {verification.Folder}");
        Line("  " + string.Join("  ", verification.Files));
        Line();
        Heading("openssl, from these files alone (verify.sh)");
        foreach (string line in verification.Output)
        {
            Line("  " + line, line.StartsWith("$ ", StringComparison.Ordinal) ? _label : OpenSsl.IsVerdictOk(line) ? _good : Style.Plain);
        }

        Line();
    }

    internal void Write(DemoApproval approval)
    {
        Heading("p256 of level 2: the signer approves on a device of their own");
        Row("credential", approval.CredentialId);
        Row("authorize", "accepted for now; the application gets a handle, and no SAD before the device has decided");
        Row("device", $"shows {approval.Client}, {Count(approval.Documents)} document, \"{approval.Label}\", short code {approval.ShortCode}; approved with its key and the PIN");
        Row("signHash", approval.Verified ? "signature verified here with the certificate's key" : "NOT VERIFIED with the certificate's key", approval.Verified ? _good : _bad);
        Line();
    }

    internal void Write(IReadOnlyList<DemoBatch> batches)
    {
        Heading($"{Count(DemoDevice.Documents)} documents with one approval on the device");
        foreach (DemoBatch batch in batches)
        {
            Row(
                batch.Method,
                $"{Count(batch.Sads)} {(batch.Sads == 1 ? "SAD" : "SADs")} for {Count(batch.Documents / batch.Sads)} each, short code {batch.ShortCode}: {Count(batch.Verified)} of {Count(batch.Documents)} verified here, "
                + $"{batch.Took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s",
                batch.Verified == batch.Documents ? _good : _bad);
        }

        Line();
    }

    internal void WriteEnd(DemoReport report)
    {
        if (report.Succeeded)
        {
            Line($"Signed and verified: {string.Join(", ", report.Signatures.Select(s => s.Key))}. Each SAD was good once.", _good);
            return;
        }

        if (!report.IsVerified)
        {
            Line("NOT VERIFIED: see the answers above.", _bad);
        }

        if (!report.Signatures.All(s => s.SecondUseRefused))
        {
            Line("FAILED: a SAD sent a second time was not refused.", _bad);
        }
    }

    private static string Count(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Heading(string text) => Line(text, _heading);

    private void Row(string label, string text, Style? style = null)
    {
        _console.Write(new Text("  " + label.PadRight(LabelWidth), _label));
        Line(text, style);
    }

    private void Line(string text, Style? style = null)
    {
        _console.Write(new Text(Printable.OneLine(text), style));
        Line();
    }

    private void Line() => _console.WriteLine();
}
