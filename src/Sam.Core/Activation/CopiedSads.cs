using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Activation;

/// <summary>
/// A SAD that comes back after its successor was used is in two hands: the transaction ends (security decision 5). That its successor waits unused says nothing: an answer may have been lost.
/// </summary>
internal sealed class CopiedSads
{
    private const int MaxTries = 3;

    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal CopiedSads(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
        _audit = audit;
    }

    /// <summary>Ends the transaction if this SAD, refused as spent, is such a copy. Client and credential were found to be the transaction's.</summary>
    internal async Task RevokeAsync(Refusal refusal, SadClaims sad, SigningRows rows, AuditRecord record)
    {
        if (refusal.Code != SamErrorCode.SadSpent || rows.TransactionFault is not null)
        {
            return;
        }

        (TransactionRow row, RowETag etag) = (rows.Transaction, rows.TransactionETag);
        for (int i = 0; i < MaxTries && IsCopy(sad, row); i++)
        {
            if ((await _rows.ReplaceAsync(sad.Address, RowSchemas.Transaction, row with { IsRevoked = true }, etag, CancellationToken.None)).Refusal is null)
            {
                await _audit.AppendAsync(record with { Event = AuditEvent.TransactionRevoked, Detail = $"SAD {sad.Generation} of {row.Generation}" });
                return;
            }

            // Somebody spent or extended in between.
            if ((await _rows.ReadAsync(sad.Address, RowSchemas.Transaction, CancellationToken.None)).IsRefused(out _, out SealedRow<TransactionRow>? now))
            {
                return;
            }

            (row, etag) = (now.Value, now.ETag);
        }
    }

    private static bool IsCopy(SadClaims sad, TransactionRow row) =>
        !row.IsRevoked && (row.Generation > sad.Generation + 1 || (row.Generation == sad.Generation + 1 && row.Spent is not null));
}
