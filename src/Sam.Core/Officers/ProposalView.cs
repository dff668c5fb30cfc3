using System.Security.Cryptography;

namespace Sam.Core.Officers;

/// <summary>A proposal, as privileged users see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Change">The change: the JSON that its proposer signed, byte by byte.</param>
/// <param name="ProposedBy">The proposer's id.</param>
/// <param name="ProposedAt">By the store's clock.</param>
/// <param name="ExpiresAt">From then on it cannot be approved.</param>
/// <param name="Status">What became of it.</param>
/// <param name="ClosedBy">Who approved it or withdrew it; null while it is open.</param>
public sealed record ProposalView(
    ProposalId Id, ReadOnlyMemory<byte> Change, string ProposedBy, DateTimeOffset ProposedAt, DateTimeOffset ExpiresAt, ProposalStatus Status, string? ClosedBy)
{
    /// <summary>SHA-256 of the change, hexadecimal: what an approval names.</summary>
    public string ChangeDigest => DigestOf(Change.Span);

    /// <summary>The same of any bytes, for whoever checks what they were shown.</summary>
    public static string DigestOf(ReadOnlySpan<byte> change) => Convert.ToHexStringLower(SHA256.HashData(change));
}
