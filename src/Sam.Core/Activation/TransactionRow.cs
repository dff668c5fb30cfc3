namespace Sam.Core.Activation;

/// <summary>
/// A signing transaction: what a SAD stands for. Inserted at authorize; replaced once, by the spend, which is also the record of intent (security decision 3).
/// </summary>
/// <param name="Client">The client it was authorized to.</param>
/// <param name="Credential">The credential it was authorized for.</param>
/// <param name="CredentialETag">The version of the credential's state row at authorize: any later change of signer or credential is unlike it (security decision 6).</param>
/// <param name="HashAlgorithm">The hash algorithm, by object identifier.</param>
/// <param name="Hashes">The authorized digests, one behind the other; a digest that stands here twice may be signed twice.</param>
/// <param name="Generation">The SAD's number within the transaction, from 1.</param>
/// <param name="ExpiresAt">The SAD's end, by the store's clock.</param>
/// <param name="Spent">Set by the spend; null while the SAD is good.</param>
internal sealed record TransactionRow(
    string Client,
    string Credential,
    string CredentialETag,
    string HashAlgorithm,
    byte[] Hashes,
    int Generation,
    DateTimeOffset ExpiresAt,
    SpendRecord? Spent);

/// <summary>Who spent the SAD, and on what. It explains each use of the key, also after a crash.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="HandedOver">SHA-256 over the digests handed to the HSM, in order.</param>
/// <param name="Algorithm">The signature algorithm, by name.</param>
/// <param name="SpentAt">When, by the store's clock.</param>
/// <param name="Retry">The mark of the request that spent it; null if it brought none, and then its answer is given once.</param>
internal sealed record SpendRecord(string Operation, byte[] HandedOver, string Algorithm, DateTimeOffset SpentAt, byte[]? Retry);
