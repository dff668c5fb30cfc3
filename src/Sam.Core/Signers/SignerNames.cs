using Sam.Core.Credentials;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>
/// Keeps user ids and logins to one signer each. They stand in partitions of their own, so no commit holds them together with the signer: a name is reserved first, and counts
/// once the signer whom it names says the same.
/// </summary>
/// <remarks>
/// A registration that breaks off leaves names that point to nobody. The same one goes on with them; after a minute, which no registration takes, another one may take such a name over. One that slept so long
/// finds at its end that the name is not its own any more, and is void: nothing leads to its rows.
/// </remarks>
internal sealed class SignerNames
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly SealedRows _rows;

    internal SignerNames(SealedRows rows) => _rows = rows;

    /// <summary>
    /// The id that a registration of both these names reserved them for before it broke off: the same one, asked for again, goes on with it. Null if there is none. Of two who go on,
    /// the commit of the signer's rows decides.
    /// </summary>
    internal async Task<SignerId?> FindBegunAsync(RowAddress userId, RowAddress login, CancellationToken cancellationToken)
    {
        return !(await _rows.ReadAsync(userId, RowSchemas.Login, cancellationToken)).IsRefused(out _, out SealedRow<LoginRow>? row)
            && row.Value.With == login.PartitionKey
            && SignerId.TryParse(row.Value.Signer, out SignerId begun)
            && (await _rows.ReadAsync(SignerRows.Signer(begun), RowSchemas.Signer, cancellationToken)).Refusal?.Code == SamErrorCode.RowMissing
            && !await HasRowsAsync(begun, cancellationToken)
            ? begun
            : null;
    }

    /// <summary>Reserves a name. Refused with <paramref name="taken"/> when it is a signer's, or RowConflict while somebody else is registering it.</summary>
    internal async Task<Result<SignerId>> ReserveAsync(RowAddress name, RowAddress other, SignerId signer, SamErrorCode taken, DateTimeOffset now, CancellationToken cancellationToken)
    {
        LoginRow wanted = new(signer.Value, now, other.PartitionKey);
        if (!(await _rows.InsertAsync(name, RowSchemas.Login, wanted, CancellationToken.None)).IsRefused(out Refusal? lost, out _))
        {
            return signer;
        }

        if (lost.Code != SamErrorCode.RowConflict || (await _rows.ReadAsync(name, RowSchemas.Login, cancellationToken)).IsRefused(out lost, out SealedRow<LoginRow>? row))
        {
            return lost;
        }

        if (!SignerId.TryParse(row.Value.Signer, out SignerId owner))
        {
            return SamErrorCode.RowBroken;
        }

        if (owner == signer)
        {
            return signer;
        }

        Result<SealedRow<SignerRow>> known = await _rows.ReadAsync(SignerRows.Signer(owner), RowSchemas.Signer, cancellationToken);
        if (known.Refusal?.Code != SamErrorCode.RowMissing)
        {
            return known.Refusal is { } unread ? unread : taken;
        }

        if (await HasRowsAsync(owner, cancellationToken))
        {
            // A signer's row was deleted, and what is theirs was not: a new one under this name would get their attempts back.
            return SamErrorCode.RowBroken;
        }

        if (now - row.Value.ReservedAt < _patience)
        {
            return SamErrorCode.RowConflict;
        }

        return (await _rows.ReplaceAsync(name, RowSchemas.Login, wanted, row.ETag, CancellationToken.None)).IsRefused(out lost, out _) ? lost : signer;
    }

    /// <summary>The signer whom a name points to. Refused with RowMissing.</summary>
    internal async Task<Result<SignerId>> FindAsync(RowAddress name, CancellationToken cancellationToken) =>
        (await _rows.ReadAsync(name, RowSchemas.Login, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<LoginRow>? row) ? unread
        : SignerId.TryParse(row.Value.Signer, out SignerId signer) ? signer
        : SamErrorCode.RowBroken;

    /// <summary>Whether a name points to this signer.</summary>
    internal async Task<bool> IsOfAsync(RowAddress name, SignerId signer)
    {
        Result<SignerId> found = await FindAsync(name, CancellationToken.None);
        return found.Refusal is null && found.Value == signer;
    }

    private async Task<bool> HasRowsAsync(SignerId signer, CancellationToken cancellationToken)
    {
        await foreach ((RowAddress, SealedRow<CredentialRow>) _ in
            _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            return true;
        }

        return (await _rows.ReadAsync(SignerRows.File(signer), RowSchemas.SignerFile, cancellationToken)).Refusal?.Code != SamErrorCode.RowMissing;
    }
}
