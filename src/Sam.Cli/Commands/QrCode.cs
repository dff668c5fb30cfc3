using QRCoder;

namespace Sam.Cli.Commands;

/// <summary>A QR code in a terminal, two rows of squares to a line of text. The blocks are the light squares: right on a dark screen, and inverted on a light one, which cameras of today read, too.</summary>
internal static class QrCode
{
    internal static void Draw(Report report, string text)
    {
        // Medium: what is on a screen is clean, and a smaller code is easier to hold a camera to.
        using QRCodeData data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using AsciiQRCode code = new(data);
        foreach (string line in code.GetGraphicSmall(drawQuietZones: true).Split('\n'))
        {
            report.Line(line.TrimEnd('\r'));
        }
    }
}
