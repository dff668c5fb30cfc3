using Sam.Core.Activation;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Core.Credentials;

/// <summary>Tells clients of the credentials they may act on (CSC API 2.0 clauses 11.4 and 11.5).</summary>
internal sealed class CredentialCatalog
{
    private readonly SealedRows _rows;
    private readonly SignerRegistry _signers;

    internal CredentialCatalog(SealedRows rows, SignerRegistry signers)
    {
        _rows = rows;
        _signers = signers;
    }

    /// <summary>
    /// The credentials of the user that the token names, or else of the user that the request names.
    /// Refused with UserIdNotAllowed (both), or UserIdUnknown (neither, nobody of that name, or nobody this client acts for: no difference is told).
    /// </summary>
    internal async Task<Result<IReadOnlyList<CredentialView>>> ListAsync(Caller caller, string? userId, CancellationToken cancellationToken)
    {
        if (await Access.FindStopAsync(_rows, caller.Client, cancellationToken) is { } stopped)
        {
            return stopped;
        }

        if (caller.Login is not null && userId is not null)
        {
            return SamErrorCode.UserIdNotAllowed;
        }

        Result<SignerId> named = caller.Login is { } login ? await _signers.FindAsync(login, cancellationToken)
            : userId is not null ? await _signers.FindAsync(userId, cancellationToken)
            : SamErrorCode.UserIdUnknown;
        if (named.IsRefused(out Refusal? unknown, out SignerId signer))
        {
            return unknown;
        }

        // The row has the last word: a name that a registration lost leads nowhere.
        if ((await _rows.ReadAsync(SignerRows.Signer(signer), RowSchemas.Signer, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<SignerRow>? row)
            || !row.Value.Clients.Contains(caller.Client)
            || (caller.Login is { } own ? !row.Value.IsLogin(own) : row.Value.UserId != userId))
        {
            return unread is null || unread.Code == SamErrorCode.RowMissing ? SamErrorCode.UserIdUnknown : unread;
        }

        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        List<CredentialView> credentials = [];
        await foreach ((RowAddress address, SealedRow<CredentialRow> credential) in
            _rows.ListAsync(SamTable.Signers, signer.Value, SignerRows.CredentialPrefix, RowSchemas.Credential, cancellationToken))
        {
            _ = CredentialId.TryParse($"{signer.Value}-{address.RowKey[SignerRows.CredentialPrefix.Length..]}", out CredentialId id);
            credentials.Add(CredentialView.Of(id, credential, now));
        }

        return credentials;
    }

    /// <summary>One credential. Refused with CredentialUnknown, or why the caller may not act on it.</summary>
    internal async Task<Result<CredentialView>> FindAsync(Caller caller, CredentialId credential, CancellationToken cancellationToken)
    {
        if (await Access.FindStopAsync(_rows, caller.Client, cancellationToken) is { } stopped)
        {
            return stopped;
        }

        if ((await _rows.ReadAsync(SignerRows.Credential(credential), RowSchemas.Credential, cancellationToken))
            .IsRefused(out Refusal? unread, out SealedRow<CredentialRow>? row))
        {
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.CredentialUnknown : unread;
        }

        return Access.FindObstacle(row.Value, caller) is { } obstacle
            ? obstacle
            : CredentialView.Of(credential, row, await _rows.GetTimeAsync(cancellationToken));
    }
}
