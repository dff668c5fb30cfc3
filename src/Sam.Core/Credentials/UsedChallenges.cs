using Sam.Core.Audit;
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
    // So much may the store's clock differ, as two processes know it: a used id is kept so much longer than its time.
    private const int Allowance = 10;

    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal UsedChallenges(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
        _audit = audit;
    }

    /// <summary>
    /// What is to be committed with the use, in the signer's partition. Refused with ChallengeUsed, or RowConflict. Where the row does not open it is written anew, and what was made
    /// until now counts as used: the signer asks again.
    /// </summary>
    /// <param name="signer">Who answers.</param>
    /// <param name="id">What they answer.</param>
    /// <param name="madeAt">When it was made.</param>
    /// <param name="expiresAt">Until when it is good.</param>
    /// <param name="now">By the store's clock.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    internal async Task<Result<RowWrite>> UseAsync(
        SignerId signer, string id, DateTimeOffset madeAt, DateTimeOffset expiresAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        long second = now.ToUnixTimeSeconds();
        RowAddress address = CredentialRows.UsedChallenges(signer);
        (RowETag? etag, Result<SealedRow<UsedChallengesRow>> read) = await _rows.ReadAnyAsync(address, RowSchemas.UsedChallenges, cancellationToken);
        if (read.IsRefused(out Refusal? fault, out SealedRow<UsedChallengesRow>? row))
        {
            // It is made with the signer: a missing one was deleted, and revives nothing.
            UsedChallengesRow anew = new(new Dictionary<string, long>(), second + Allowance);
            if ((await _rows.CommitAsync([RowWrite.Put(address, RowSchemas.UsedChallenges, anew, etag)], CancellationToken.None)).IsRefused(out Refusal? conflict, out _))
            {
                return conflict;
            }

            await _audit.AppendAsync(AuditRecord.OfFault(address, fault.Code, "written anew; what was made until now counts as used") with { Signer = signer.Value });
            return SamErrorCode.ChallengeUsed;
        }

        Dictionary<string, long> ids = row.Value.Ids.Where(used => used.Value + Allowance >= second).ToDictionary(StringComparer.Ordinal);
        return madeAt.ToUnixTimeSeconds() > row.Value.RefusedUntil && ids.TryAdd(id, expiresAt.ToUnixTimeSeconds())
            ? RowWrite.Replace(address, RowSchemas.UsedChallenges, row.Value with { Ids = ids }, row.ETag)
            : SamErrorCode.ChallengeUsed;
    }
}
