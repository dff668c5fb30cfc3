using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>What a SAD says (security decision 2).</summary>
/// <param name="Transaction">The transaction it stands for.</param>
/// <param name="PurgeMinute">The rest of the transaction's address.</param>
/// <param name="Generation">Its number within the transaction, from 1.</param>
/// <param name="ETag">The version of the transaction's row that it spends: a row written back has another, and the SAD is dead.</param>
/// <param name="ExpiresAt">Its end, by the store's clock.</param>
/// <param name="Epoch">The deployment epoch it was issued in.</param>
internal sealed record SadClaims(TransactionId Transaction, uint PurgeMinute, int Generation, RowETag ETag, DateTimeOffset ExpiresAt, uint Epoch)
{
    internal RowAddress Address => TransactionRows.Address(Transaction, PurgeMinute);
}
