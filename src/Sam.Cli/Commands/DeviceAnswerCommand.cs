using System.CommandLine;
using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Cli.Commands;

/// <summary><c>sam device answer</c>: approves without a connection. An application carries the challenge to the device, and the answer back.</summary>
internal static class DeviceAnswerCommand
{
    internal static Command Create(AdminCommands commands)
    {
        Argument<string> challenge = new("CHALLENGE") { Description = "What the application got from credentials/getChallenge." };
        Option<string[]> hashes = new("--hash")
        {
            Description = "A document's hash, in hexadecimal or base64; given once for each document.",
            HelpName = "HASH",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> label = new("--description") { Description = "What the application calls the documents, as it will send it.", HelpName = "TEXT" };
        return commands.DeviceAlone(
            "answer",
            "Answers an application's challenge: signs the hashes that you give, for this application alone. What is printed as answer goes back to it.",
            [challenge, hashes, label],
            (host, parsed, device) =>
            {
                PendingApproval approval = Read(parsed.GetRequiredValue(challenge), parsed.GetRequiredValue(hashes), parsed.GetValue(label) ?? string.Empty, device.Deployment);
                if (approval.ExpiresAt <= host.Clock.GetUtcNow())
                {
                    throw new CommandFailure("The challenge's time is over: the application gets another.");
                }

                new Report(host.Out).Fields(
                    ("client", approval.Client.Value),
                    ("credentialID", approval.Credential.Value),
                    ("documents", Report.Number(approval.Digests.Count)),
                    ("it calls them", approval.Label.Length == 0 ? null : approval.Label),
                    ("short code", ApprovalStatement.ShortCode(approval.Digests)),
                    ("until", Report.Time(approval.ExpiresAt)),
                    ("answer", DeviceChallenge.Answer(parsed.GetRequiredValue(challenge), device.Id, DeviceSignature.Sign(device.Key, ApprovalStatement.Of(approves: true, device.Deployment, approval)))));
            });
    }

    private static PendingApproval Read(string challenge, IReadOnlyList<string> hashes, string label, string deployment)
    {
        Digest[] digests = [.. hashes.Select(ToDigest)];
        return digests.Any(d => d.Algorithm != digests[0].Algorithm) ? throw new CommandFailure("The hashes are of several algorithms.", ExitCodes.Usage)
            : DeviceChallenge.TryRead(challenge) is not { } read || !ApprovalId.TryParse(read.Id, out ApprovalId id) || !ClientId.TryParse(read.Client, out ClientId client)
                || !CredentialId.TryParse(read.Credential, out CredentialId credential) ? throw new CommandFailure("This is no challenge.", ExitCodes.Usage)
            : read.Sam != deployment ? throw new CommandFailure("The challenge is of another deployment than this device.")
            : new PendingApproval(id, client, credential, digests, label, NeedsPin: false, DateTimeOffset.FromUnixTimeSeconds(read.ExpiresAt));
    }

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
