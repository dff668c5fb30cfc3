using Sam.Core.Algorithms;
using Sam.Core.Approvals;
using Sam.Core.Values;

namespace Sam.Cli.Admin;

/// <summary>An approval that waits for its signer.</summary>
internal sealed record PendingRecord(
    string Id, string Client, string CredentialID, string HashAlgorithmOID, IReadOnlyList<byte[]> Hashes, int Count, string Description, string ShortCode, bool NeedsPin, DateTimeOffset ExpiresAt)
{
    /// <summary>The same as it is shown and signed. The count and the short code are made of the hashes here, not taken over.</summary>
    /// <exception cref="CommandFailure">It cannot be what the API says.</exception>
    internal PendingApproval ToApproval()
    {
        List<Digest> digests = [];
        foreach (byte[] hash in Hashes)
        {
            if (HashAlgorithm.TryFromOid(HashAlgorithmOID, out HashAlgorithm? algorithm) && Digest.TryCreate(algorithm, hash, out Digest? digest))
            {
                digests.Add(digest);
            }
        }

        return digests.Count > 0 && digests.Count == Hashes.Count && ApprovalId.TryParse(Id, out ApprovalId id) && ClientId.TryParse(Client, out ClientId client)
            && CredentialId.TryParse(CredentialID, out CredentialId credential) && !Description.Any(char.IsControl)
            ? new PendingApproval(id, client, credential, digests, Description, NeedsPin, ExpiresAt)
            : throw new CommandFailure($"The approval {Printable.OneLine(Id)} is not what the API says: it is neither shown nor signed.");
    }
}
