using Sam.Core.Approvals;
using Sam.Core.Rows;

namespace Sam.Core.Activation;

/// <summary>
/// A signing transaction: what its SADs stand for, one after the other. Inserted at authorize; replaced by the spend, which is also the record of intent (security decision 3), and by each
/// extension (method 2, APX-2).
/// </summary>
/// <param name="Client">The client it was authorized to.</param>
/// <param name="Credential">The credential it was authorized for.</param>
/// <param name="CredentialETag">The version of the credential's state row at authorize: any later change of signer or credential is unlike it (security decision 6).</param>
/// <param name="HashAlgorithm">The hash algorithm, by object identifier.</param>
/// <param name="Hashes">The digests that are left, one behind the other; a digest that stands here twice may be signed twice.</param>
/// <param name="Named">Those of them that the present SAD is for; empty for all.</param>
/// <param name="Late">How many digests may still be named by extensions: level 1 only (security decision 1).</param>
/// <param name="Generation">The present SAD's number within the transaction, from 1.</param>
/// <param name="LastGeneration">The number of the last one.</param>
/// <param name="ExpiresAt">The present SAD's end, by the store's clock.</param>
/// <param name="Deadline">The end of the last one.</param>
/// <param name="Extension">The mark of the request that made the present SAD by an extension, by which it is known when it comes again; empty without one.</param>
/// <param name="IsRevoked">Whether a SAD came back whose successor had been used: somebody has a copy.</param>
/// <param name="Spent">Set by the spend; null while the SAD is good.</param>
internal sealed record TransactionRow(
    string Client,
    string Credential,
    string CredentialETag,
    string HashAlgorithm,
    byte[] Hashes,
    byte[] Named,
    int Late,
    int Generation,
    int LastGeneration,
    DateTimeOffset ExpiresAt,
    DateTimeOffset Deadline,
    byte[] Extension,
    bool IsRevoked,
    SpendRecord? Spent)
{
    // For SADs that were renewed unused, and for answers that were lost (security decision 5).
    private const int SpareExtensions = 2;

    /// <summary>A transaction as it begins.</summary>
    internal static TransactionRow Begin(AuthorizeRequest request, RowETag credential, DateTimeOffset expiresAt, DateTimeOffset deadline) => Begin(
        request.Caller.Client.Value,
        request.Credential.Value,
        credential.Value,
        request.Digests[0].Algorithm.Oid,
        DigestMultiset.Pack(request.Digests),
        late: request.NumSignatures - request.Digests.Count,
        request.NumSignatures,
        expiresAt,
        deadline);

    /// <summary>One that was approved on a device: nothing comes later that the device did not show.</summary>
    internal static TransactionRow Begin(ApprovalRow approval, DateTimeOffset expiresAt, DateTimeOffset deadline) => Begin(
        approval.Client, approval.Credential, approval.CredentialETag, approval.HashAlgorithm, approval.Hashes, late: 0, approval.Digests.Count, expiresAt, deadline);

    private static TransactionRow Begin(
        string client, string credential, string credentialETag, string hashAlgorithm, byte[] hashes, int late, int signatures, DateTimeOffset expiresAt, DateTimeOffset deadline) => new(
        client,
        credential,
        credentialETag,
        hashAlgorithm,
        hashes,
        Named: [],
        late,
        Generation: 1,
        LastGeneration: 1 + signatures + SpareExtensions,
        expiresAt,
        deadline,
        Extension: [],
        IsRevoked: false,
        Spent: null);

    /// <summary>What the present SAD may sign.</summary>
    internal byte[] Signable => Named.Length > 0 ? Named : Hashes;

    /// <summary>Whether no digest can be named any more but those that the present SAD is for.</summary>
    internal bool LeavesNothing => Late == 0 && Signable.Length == Hashes.Length;
}

/// <summary>Who spent the SAD, and on what. It explains each use of the key, also after a crash.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="HandedOver">SHA-256 over the digests handed to the HSM, in order.</param>
/// <param name="Algorithm">The signature algorithm, by name.</param>
/// <param name="SpentAt">When, by the store's clock.</param>
/// <param name="Retry">The mark of the request that spent it; null if it brought none, and then its answer is given once.</param>
internal sealed record SpendRecord(string Operation, byte[] HandedOver, string Algorithm, DateTimeOffset SpentAt, byte[]? Retry);
