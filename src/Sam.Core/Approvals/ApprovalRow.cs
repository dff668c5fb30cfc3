using Sam.Core.Activation;
using Sam.Core.Algorithms;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>An approval that a client asked for, and what its signer decided.</summary>
/// <param name="Client">The client.</param>
/// <param name="Credential">The credential.</param>
/// <param name="CredentialETag">The version of its state row then: any later change is unlike it.</param>
/// <param name="HashAlgorithm">The hash algorithm, by object identifier.</param>
/// <param name="Hashes">The digests, one behind the other.</param>
/// <param name="Label">What the client says of the documents; empty if nothing.</param>
/// <param name="ExpiresAt">Until when it can be decided, and used.</param>
/// <param name="PurgeMinute">Where its transaction will stand.</param>
/// <param name="State">What became of it.</param>
/// <param name="Device">Which device decided; empty before.</param>
/// <param name="Signature">What it signed with; empty before.</param>
/// <param name="Transaction">The version of its transaction's row when its SAD was first given; empty before. A row that was written back has another, and no SAD is given for that.</param>
internal sealed record ApprovalRow(
    string Client,
    string Credential,
    string CredentialETag,
    string HashAlgorithm,
    byte[] Hashes,
    string Label,
    DateTimeOffset ExpiresAt,
    uint PurgeMinute,
    ApprovalState State,
    string Device,
    byte[] Signature,
    string Transaction)
{
    internal CredentialId CredentialId => Values.CredentialId.TryParse(Credential, out CredentialId id) ? id : throw new InvalidOperationException("The row names no credential.");

    internal IReadOnlyList<Digest> Digests => Algorithms.HashAlgorithm.TryFromOid(HashAlgorithm, out HashAlgorithm? algorithm)
        ? DigestMultiset.Without(algorithm, Hashes, [])
        : throw new InvalidOperationException("The row names an unknown hash algorithm.");

    /// <summary>Its transaction's place.</summary>
    internal static RowAddress TransactionAddress(ApprovalId id, uint purgeMinute) =>
        TransactionRows.Address(TransactionId.TryParse(id.Value, out TransactionId transaction) ? transaction : throw new InvalidOperationException("One id has one form."), purgeMinute);
}

/// <summary>What became of an approval.</summary>
internal enum ApprovalState
{
    /// <summary>The signer has not decided.</summary>
    Pending,

    /// <summary>Approved; no SAD was given for it yet.</summary>
    Approved,

    /// <summary>Refused by the signer.</summary>
    Refused,

    /// <summary>Its SAD was given.</summary>
    Used,
}
