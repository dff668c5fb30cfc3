using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>
/// The three rows that decide a signature, read together and uncached, and the store's time of the reading (security decision 6).
/// A row that is missing or does not open is a fault, to be judged at its place in the order of checks.
/// </summary>
internal sealed class SigningRows
{
    private readonly Result<SealedRow<TransactionRow>> _transaction;
    private readonly Result<SealedRow<ClientRow>> _client;
    private readonly Result<SealedRow<CredentialRow>> _credential;

    private SigningRows(
        Result<SealedRow<TransactionRow>> transaction, Result<SealedRow<ClientRow>> client, Result<SealedRow<CredentialRow>> credential, DateTimeOffset time)
    {
        _transaction = transaction;
        _client = client;
        _credential = credential;
        Time = time;
    }

    /// <summary>The store's clock: a machine's clock set back revives no SAD and no certificate.</summary>
    internal DateTimeOffset Time { get; }

    internal SamErrorCode? TransactionFault => Fault(_transaction.Refusal, SamErrorCode.TransactionMissing);

    internal TransactionRow Transaction => _transaction.Value.Value;

    internal RowETag TransactionETag => _transaction.Value.ETag;

    internal SamErrorCode? ClientFault => Fault(_client.Refusal, SamErrorCode.ClientStopped);

    internal ClientRow Client => _client.Value.Value;

    internal SamErrorCode? CredentialFault => Fault(_credential.Refusal, SamErrorCode.CredentialUnknown);

    internal CredentialRow Credential => _credential.Value.Value;

    internal RowETag CredentialETag => _credential.Value.ETag;

    internal static async Task<SigningRows> ReadAsync(SealedRows rows, Caller caller, CredentialId credentialId, SadClaims sad, CancellationToken cancellationToken)
    {
        Task<Result<SealedRow<TransactionRow>>> transaction = rows.ReadAsync(sad.Address, RowSchemas.Transaction, cancellationToken);
        Task<Result<SealedRow<ClientRow>>> client = rows.ReadAsync(SignerRows.Client(caller.Client), RowSchemas.Client, cancellationToken);
        Task<Result<SealedRow<CredentialRow>>> credential =
            rows.ReadAsync(SignerRows.Credential(credentialId), RowSchemas.Credential, cancellationToken);
        await Task.WhenAll(transaction, client, credential);
        return new SigningRows(await transaction, await client, await credential, await rows.GetTimeAsync(cancellationToken));
    }

    private static SamErrorCode? Fault(Refusal? refusal, SamErrorCode whenMissing) =>
        refusal is null ? null : refusal.Code == SamErrorCode.RowMissing ? whenMissing : refusal.Code;
}
