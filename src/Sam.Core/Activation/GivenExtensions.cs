using System.Globalization;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Activation;

/// <summary>
/// Which version of a transaction's row a SAD was given for by an extension that may be asked for again. Its own row, for no row holds its own version: one that was written back has another, and a SAD that was
/// given for what stands there now would sign a second time.
/// </summary>
internal sealed class GivenExtensions
{
    private readonly SealedRows _rows;

    internal GivenExtensions(SealedRows rows) => _rows = rows;

    /// <summary>Keeps it. Whether that succeeds changes nothing about the answer: without it a client that loses the answer authorizes again.</summary>
    internal async Task KeepAsync(SadClaims sad, RowETag given)
    {
        try
        {
            _ = await _rows.InsertAsync(Address(sad), RowSchemas.Extension, new ExtensionRow(given.Value), CancellationToken.None);
        }
        catch (RowStoreException)
        {
            // In doubt or refused.
        }
    }

    /// <summary>The version that the successor of this SAD was given for. Refused with SadSpent when that is not known, TransactionRowReplaced when another row stands there, or as the row is.</summary>
    internal async Task<Result<RowETag>> FindAsync(SadClaims sad, SigningRows rows, CancellationToken cancellationToken)
    {
        Result<SealedRow<ExtensionRow>> read = await _rows.ReadAsync(Address(sad), RowSchemas.Extension, cancellationToken);
        return read.IsRefused(out Refusal? unread, out SealedRow<ExtensionRow>? row) ? (unread.Code == SamErrorCode.RowMissing ? SamErrorCode.SadSpent : unread)
            : row.Value.Given != rows.TransactionETag.Value ? SamErrorCode.TransactionRowReplaced
            : rows.TransactionETag;
    }

    /// <summary>Whether such a row stands there.</summary>
    internal static bool IsOne(RowAddress address) => address.Table == SamTable.Transactions && address.RowKey.Contains("-extension-", StringComparison.Ordinal);

    private static RowAddress Address(SadClaims sad) => sad.Address with
    {
        RowKey = string.Create(CultureInfo.InvariantCulture, $"{sad.Address.RowKey}-extension-{sad.Generation}"),
    };
}
