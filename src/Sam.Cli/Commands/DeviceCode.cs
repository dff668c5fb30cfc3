namespace Sam.Cli.Commands;

/// <summary>
/// What a device needs to enrol, in one line for a screen's QR code: <c>samdevice:enrol?sam=…&amp;deployment=…&amp;code=…</c>, each value percent-encoded. A device that takes the deployment from
/// the officer, and not from whoever answers, notices when it talks to another.
/// </summary>
internal static class DeviceCode
{
    private const string Prefix = "samdevice:enrol?";

    internal static string ToUri(Uri sam, string deployment, Secret code) =>
        $"{Prefix}sam={Uri.EscapeDataString(sam.ToString())}&deployment={Uri.EscapeDataString(deployment)}&code={Uri.EscapeDataString(code.Reveal())}";

    /// <summary>The code of such a line, or the text itself.</summary>
    /// <exception cref="CommandFailure">The line is for another deployment.</exception>
    internal static Secret Read(Secret text, string deployment)
    {
        if (!text.Reveal().StartsWith(Prefix, StringComparison.Ordinal))
        {
            return text;
        }

        ILookup<string, string> said = text.Reveal()[Prefix.Length..].Split('&').Select(part => part.Split('=', 2)).ToLookup(part => part[0], part => Uri.UnescapeDataString(part[^1]), StringComparer.Ordinal);
        return said["deployment"].SequenceEqual([deployment]) && said["code"].FirstOrDefault() is { } code ? new Secret(code)
            : throw new CommandFailure("This code is for another deployment than the one that answers.");
    }
}
