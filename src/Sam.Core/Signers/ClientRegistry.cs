using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Signers;

/// <summary>Approves and stops SCA clients. A stop takes effect with the next reading: no signHash whose reads come after it spends a SAD.</summary>
public sealed class ClientRegistry
{
    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal ClientRegistry(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
        _audit = audit;
    }

    /// <summary>Approves a client that nobody has approved or stopped before; one that is known stays as it is. For a host in Development, whose issuer gives tokens to all.</summary>
    public async Task<Result<ClientId>> ApproveNewAsync(ClientId client, CancellationToken cancellationToken) =>
        (await _rows.ReadAsync(SignerRows.Client(client), RowSchemas.Client, cancellationToken)).Refusal?.Code == SamErrorCode.RowMissing
            ? await SetApprovedAsync(client, approved: true, cancellationToken)
            : client;

    /// <summary>Approves or stops a client. Refused with RowConflict when somebody else changed it at the same time.</summary>
    /// <param name="client">The client.</param>
    /// <param name="approved">Whether it may act.</param>
    /// <param name="cancellationToken">Gives up before anything is written.</param>
    /// <param name="by">Who says so; null: the host itself, in Development.</param>
    public Task<Result<ClientId>> SetApprovedAsync(ClientId client, bool approved, CancellationToken cancellationToken, Actor? by = null) =>
        SetAsync(client, approved, proposal: null, by, cancellationToken);

    /// <summary>Approves a client, once for a proposal: when this one has done so before, nothing is changed, whatever became of the client since. Refused with RowConflict.</summary>
    internal Task<Result<ClientId>> ApproveAsync(ClientId client, string proposal, Actor by) => SetAsync(client, approved: true, proposal, by, CancellationToken.None);

    /// <summary>Clients that were ever approved, in the order of the hashes of their ids, after the given key; and the key of the next page, null with the last one.</summary>
    public async Task<(IReadOnlyList<(ClientId Client, bool IsApproved)> Clients, string? Next)> ListAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        List<(ClientId, bool)> found = [];
        string? next = null;
        string from = RowAddress.IsKey(after) ? after! : string.Empty;
        await foreach ((RowAddress address, SealedRow<ListedClientRow> row) in
            _rows.ListFromAsync(SamTable.Registry, SignerRows.ClientList, from, RowSchemas.ListedClient, cancellationToken))
        {
            if (address.RowKey == after || !ClientId.TryParse(row.Value.Client, out ClientId client))
            {
                continue;
            }

            if (found.Count == limit)
            {
                return (found, next);
            }

            Result<SealedRow<ClientRow>> read = await _rows.ReadAsync(SignerRows.Client(client), RowSchemas.Client, cancellationToken);
            found.Add((client, read.Refusal is null && read.Value.Value.Approved));
            next = address.RowKey;
        }

        return (found, null);
    }

    private async Task<Result<ClientId>> SetAsync(ClientId client, bool approved, string? proposal, Actor? by, CancellationToken cancellationToken)
    {
        Result<SealedRow<ClientRow>> read = await _rows.ReadAsync(SignerRows.Client(client), RowSchemas.Client, cancellationToken);
        if (!read.IsRefused(out Refusal? unread, out SealedRow<ClientRow>? row) && (proposal is null ? row.Value.Approved == approved : row.Value.Made.Contains(proposal)))
        {
            return client;
        }

        if (unread?.Code == SamErrorCode.RowMissing)
        {
            // Before the row itself: a list that names one too many is mended by looking at the row.
            _ = await _rows.InsertAsync(SignerRows.ListedClient(client), RowSchemas.ListedClient, new ListedClientRow(client.Value), CancellationToken.None);
        }

        ClientRow wanted = (row?.Value ?? new ClientRow(client.Value, approved, [])).With(approved, proposal);
        Result<RowETag> written = (row, unread?.Code) switch
        {
            ({ } judged, _) => await _rows.ReplaceAsync(SignerRows.Client(client), RowSchemas.Client, wanted, judged.ETag, CancellationToken.None),
            (_, SamErrorCode.RowMissing) => await _rows.InsertAsync(SignerRows.Client(client), RowSchemas.Client, wanted, CancellationToken.None),
            (_, SamErrorCode.RowRolledBack) => await OverwriteAsync(client, approved, proposal, cancellationToken),
            _ => unread!,
        };
        if (written.IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord { Event = approved ? AuditEvent.ClientApproved : AuditEvent.ClientStopped, By = by?.Name, Client = client.Value });
        return client;
    }

    /// <summary>Over a row that looks rolled back, which means nothing to anybody: whoever approves or stops the client decides anew.</summary>
    private async Task<Result<RowETag>> OverwriteAsync(ClientId client, bool approved, string? proposal, CancellationToken cancellationToken)
    {
        RowAddress address = SignerRows.Client(client);
        Result<SealedRow<ClientRow>> read = await _rows.ReadToOverwriteAsync(address, RowSchemas.Client, cancellationToken);
        return read.IsRefused(out Refusal? unread, out SealedRow<ClientRow>? old)
            ? unread

            // What a row that was ours says of proposals that were made holds, however old it is.
            : proposal is not null && old.Value.Made.Contains(proposal) ? SamErrorCode.RowRolledBack
            : await _rows.ReplaceAsync(address, RowSchemas.Client, old.Value.With(approved, proposal), old.ETag, CancellationToken.None);
    }
}
