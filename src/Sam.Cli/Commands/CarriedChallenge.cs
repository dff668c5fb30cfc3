using System.CommandLine;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Cli.Commands;

/// <summary>What an application brings along where a signer answers a challenge: the challenge, the hashes, and what it calls the documents.</summary>
internal sealed class CarriedChallenge
{
    private readonly Argument<string> _challenge = new("CHALLENGE") { Description = "What the application got from credentials/getChallenge." };
    private readonly Option<string[]> _hashes = new("--hash")
    {
        Description = "A document's hash, in hexadecimal or base64; given once for each document.",
        HelpName = "HASH",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _label = new("--description") { Description = "What the application calls the documents, as it will send it.", HelpName = "TEXT" };

    internal IReadOnlyList<Symbol> Symbols => [_challenge, _hashes, _label];

    /// <summary>The challenge as it came.</summary>
    internal string Text(ParseResult parsed) => parsed.GetRequiredValue(_challenge);

    /// <summary>The deployment's id, and what its owner is to be shown.</summary>
    internal (string Deployment, PendingApproval Shown) Read(CliHost host, ParseResult parsed)
    {
        Digest[] digests = [.. parsed.GetRequiredValue(_hashes).Select(ToDigest)];
        if (digests.Any(d => d.Algorithm != digests[0].Algorithm))
        {
            throw new CommandFailure("The hashes are of several algorithms.", ExitCodes.Usage);
        }

        if (DeviceChallenge.TryRead(Text(parsed)) is not { } read || !ApprovalId.TryParse(read.Id, out ApprovalId id) || !ClientId.TryParse(read.Client, out ClientId client)
            || !CredentialId.TryParse(read.Credential, out CredentialId credential))
        {
            throw new CommandFailure("This is no challenge.", ExitCodes.Usage);
        }

        PendingApproval shown = new(id, client, credential, digests, parsed.GetValue(_label) ?? string.Empty, NeedsPin: false, DateTimeOffset.FromUnixTimeSeconds(read.ExpiresAt));
        return shown.ExpiresAt > host.Clock.GetUtcNow() ? (read.Sam, shown) : throw new CommandFailure("The challenge's time is over: the application gets another.");
    }

    /// <summary>Shows what is answered, and the answer.</summary>
    internal static void Show(Report report, PendingApproval approval, params ReadOnlySpan<(string, string?)> answer) => report.Fields(
    [
        ("client", approval.Client.Value),
        ("credentialID", approval.Credential.Value),
        ("documents", Report.Number(approval.Digests.Count)),
        ("it calls them", approval.Label.Length == 0 ? null : approval.Label),
        ("short code", ApprovalStatement.ShortCode(approval.Digests)),
        ("until", Report.Time(approval.ExpiresAt)),
        .. answer,
    ]);

    private static Digest ToDigest(string text)
    {
        foreach (HashAlgorithm algorithm in HashAlgorithm.All)
        {
            byte[] bytes = new byte[algorithm.SizeInBytes];
            bool isRead = text.Length == 2 * bytes.Length
                ? Convert.FromHexString(text, bytes, out _, out int written) == System.Buffers.OperationStatus.Done && written == bytes.Length
                : Convert.TryFromBase64String(text, bytes, out written) && written == bytes.Length;
            if (isRead && Digest.TryCreate(algorithm, bytes, out Digest? digest))
            {
                return digest;
            }
        }

        throw new CommandFailure($"This is no hash: {text}", ExitCodes.Usage);
    }
}
