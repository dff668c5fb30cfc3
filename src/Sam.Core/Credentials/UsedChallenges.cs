using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>
/// What a signer has answered once is not answered again: the ids of used challenges and approvals are kept with the signer until their time is over, so that no other row's deletion
/// revives one (security decision 13).
/// </summary>
internal sealed class UsedChallenges
{
    private readonly SealedRows _rows;

    internal UsedChallenges(SealedRows rows) => _rows = rows;

    /// <summary>What is to be committed with the use, in the signer's partition. Refused with ChallengeUsed, or as the row is.</summary>
    internal async Task<Result<RowWrite>> UseAsync(SignerId signer, string id, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        RowAddress address = CredentialRows.UsedChallenges(signer);
        Result<SealedRow<UsedChallengesRow>> read = await _rows.ReadAsync(address, RowSchemas.UsedChallenges, cancellationToken);
        if (read.IsRefused(out Refusal? unread, out SealedRow<UsedChallengesRow>? row))
        {
            // It is made with the signer: a missing one was deleted, and revives nothing.
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.RowBroken : unread;
        }

        long second = now.ToUnixTimeSeconds();
        Dictionary<string, long> ids = row.Value.Ids.Where(used => used.Value >= second).ToDictionary(StringComparer.Ordinal);
        return ids.TryAdd(id, expiresAt.ToUnixTimeSeconds())
            ? RowWrite.Replace(address, RowSchemas.UsedChallenges, new UsedChallengesRow(ids), row.ETag)
            : SamErrorCode.ChallengeUsed;
    }
}
