using System.Globalization;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Activation;

/// <summary>What became of spends whose transactions go on (method 2, APX-2).</summary>
internal sealed class SpendOutcomes
{
    private readonly SealedRows _rows;

    internal SpendOutcomes(SealedRows rows) => _rows = rows;

    /// <summary>Keeps an outcome. Whether that succeeds changes nothing about the answer: without it the transaction ends here, and the signer authorizes again.</summary>
    internal async Task KeepAsync(SadClaims sad, string operation, RowETag spend, IReadOnlyList<Digest> handedOver)
    {
        try
        {
            _ = await _rows.InsertAsync(
                Address(sad.Address, sad.Generation), RowSchemas.Outcome, new OutcomeRow(operation, spend.Value, DigestMultiset.Pack(handedOver)), CancellationToken.None);
        }
        catch (RowStoreException)
        {
            // In doubt or refused.
        }
    }

    /// <summary>The outcome of the spend that a transaction's row records. Refused with RowMissing (none is written yet, or ever), TransactionRowReplaced, or as the row is.</summary>
    internal async Task<Result<OutcomeRow>> FindAsync(SadClaims sad, SigningRows rows, CancellationToken cancellationToken)
    {
        Result<SealedRow<OutcomeRow>> read = await _rows.ReadAsync(Address(sad.Address, sad.Generation), RowSchemas.Outcome, cancellationToken);
        return read.IsRefused(out Refusal? unread, out SealedRow<OutcomeRow>? row) ? unread
            : row.Value.Spend != rows.TransactionETag.Value || row.Value.Operation != rows.Transaction.Spent?.Operation ? SamErrorCode.TransactionRowReplaced
            : row.Value;
    }

    /// <summary>Whether an outcome stands there.</summary>
    internal static bool IsOne(RowAddress address) => address.Table == SamTable.Transactions && address.RowKey.Contains("-outcome-", StringComparison.Ordinal);

    private static RowAddress Address(RowAddress transaction, int generation) => transaction with
    {
        RowKey = string.Create(CultureInfo.InvariantCulture, $"{transaction.RowKey}-outcome-{generation}"),
    };
}
