using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>
/// What a device signs: all that its owner was shown, and nothing that they were not (SIG-1; security decision 9). Text, so that another device's maker can build it from this comment.
/// </summary>
public static class ApprovalStatement
{
    private const int CodeLength = 8;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>
    /// The statement, UTF-8, each line ended by a line feed: <c>sam-approval/1</c> (or <c>sam-refusal/1</c>); the deployment's id; the approval's id; the client; the credentialID; the hash
    /// algorithm's object identifier; how many hashes; the label, empty for none; the end, in seconds since 1970; then the hashes, lower-case hexadecimal, sorted, one per line.
    /// </summary>
    public static byte[] Of(bool approves, string deployment, PendingApproval approval) =>
        Of(approves ? "sam-approval/1" : "sam-refusal/1", deployment, approval, approval.Digests.Count);

    /// <summary>
    /// What a page shows where a signer enters factors, and what these are bound to inside their encryption (security decision 12): the same lines, the first <c>sam-factors/1</c>, and the count
    /// that of the signatures asked for, which at level 1 may be more than there are hashes yet.
    /// </summary>
    public static byte[] OfFactors(string deployment, PendingApproval approval, int numSignatures) => Of("sam-factors/1", deployment, approval, numSignatures);

    private static byte[] Of(string kind, string deployment, PendingApproval approval, int count)
    {
        StringBuilder text = new();
        _ = text.Append(kind).Append('\n')
            .Append(deployment).Append('\n')
            .Append(approval.Id.Value).Append('\n')
            .Append(approval.Client.Value).Append('\n')
            .Append(approval.Credential.Value).Append('\n')
            .Append(approval.Digests[0].Algorithm.Oid).Append('\n')
            .Append(count.ToString(CultureInfo.InvariantCulture)).Append('\n')
            .Append(approval.Label).Append('\n')
            .Append(approval.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (string digest in Sorted(approval.Digests))
        {
            _ = text.Append(digest).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Eight characters (40 bits) of the list of hashes, for a person to compare on two screens: base32 of SHA-256 over the sorted lines of the statement.</summary>
    public static string ShortCode(IReadOnlyList<Digest> digests)
    {
        byte[] hash = SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(Sorted(digests).Select(digest => digest + "\n"))));
        ulong bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash);
        return string.Create(CodeLength, bits, static (code, bits) =>
        {
            for (int i = 0; i < code.Length; i++)
            {
                code[i] = Base32[(int)((bits >> (59 - (5 * i))) & 31)];
            }
        });
    }

    private static IEnumerable<string> Sorted(IReadOnlyList<Digest> digests) => digests.Select(d => Convert.ToHexStringLower(d.Value)).Order(StringComparer.Ordinal);
}
