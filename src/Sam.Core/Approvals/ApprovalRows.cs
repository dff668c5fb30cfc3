using System.Runtime.CompilerServices;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>
/// Where approvals wait: with their signer, few at a time, so that nobody fills a signer's screen or the table. What is over goes when the next one comes.
/// </summary>
internal sealed class ApprovalRows
{
    private const string Prefix = "approval-";
    private const int MaxPending = 10;
    private const int MaxPendingOfOneClient = 5;

    private readonly SealedRows _rows;

    internal ApprovalRows(SealedRows rows) => _rows = rows;

    /// <summary>Whether an approval stands there.</summary>
    internal static bool IsOne(RowAddress address) => address.Table == SamTable.Signers && address.RowKey.StartsWith(Prefix, StringComparison.Ordinal);

    internal static RowWrite ToReplace(SignerId signer, ApprovalId id, ApprovalRow row, RowETag etag) => RowWrite.Replace(Address(signer, id), RowSchemas.Approval, row, etag);

    /// <summary>Refused with TooManyApprovals.</summary>
    internal async Task<Result<RowETag>> AddAsync(SignerId signer, ApprovalId id, ApprovalRow approval, DateTimeOffset now, CancellationToken cancellationToken)
    {
        int pending = 0;
        int ofClient = 0;
        List<(RowAddress Address, RowETag ETag)> over = [];
        await foreach ((RowAddress address, SealedRow<ApprovalRow> row) in _rows.ListAsync(SamTable.Signers, signer.Value, Prefix, RowSchemas.Approval, cancellationToken))
        {
            if (row.Value.ExpiresAt <= now)
            {
                over.Add((address, row.ETag));
            }
            else if (row.Value.State == ApprovalState.Pending)
            {
                pending++;
                ofClient += row.Value.Client == approval.Client ? 1 : 0;
            }
        }

        foreach ((RowAddress address, RowETag etag) in over)
        {
            await _rows.DeleteAsync(address, etag, CancellationToken.None);
        }

        return pending >= MaxPending || ofClient >= MaxPendingOfOneClient
            ? SamErrorCode.TooManyApprovals
            : await _rows.InsertAsync(Address(signer, id), RowSchemas.Approval, approval, CancellationToken.None);
    }

    /// <summary>Refused with ApprovalUnknown, or as the row is.</summary>
    internal async Task<Result<SealedRow<ApprovalRow>>> FindAsync(SignerId signer, ApprovalId id, CancellationToken cancellationToken)
    {
        Result<SealedRow<ApprovalRow>> read = await _rows.ReadAsync(Address(signer, id), RowSchemas.Approval, cancellationToken);
        return read.Refusal?.Code == SamErrorCode.RowMissing ? SamErrorCode.ApprovalUnknown : read;
    }

    internal Task<Result<RowETag>> ReplaceAsync(SignerId signer, ApprovalId id, ApprovalRow row, RowETag etag) =>
        _rows.ReplaceAsync(Address(signer, id), RowSchemas.Approval, row, etag, CancellationToken.None);

    internal async IAsyncEnumerable<(ApprovalId Id, ApprovalRow Row)> ListAsync(SignerId signer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((RowAddress address, SealedRow<ApprovalRow> row) in _rows.ListAsync(SamTable.Signers, signer.Value, Prefix, RowSchemas.Approval, cancellationToken))
        {
            if (ApprovalId.TryParse(address.RowKey[Prefix.Length..], out ApprovalId id))
            {
                yield return (id, row.Value);
            }
        }
    }

    private static RowAddress Address(SignerId signer, ApprovalId id) => new(SamTable.Signers, signer.Value, Prefix + id.Value);
}
