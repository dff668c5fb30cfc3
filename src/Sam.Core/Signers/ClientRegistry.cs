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

    /// <summary>Approves or stops a client. Refused with RowConflict when somebody else changed it at the same time.</summary>
    public async Task<Result<ClientId>> SetApprovedAsync(ClientId client, bool approved, CancellationToken cancellationToken)
    {
        Result<SealedRow<ClientRow>> read = await _rows.ReadAsync(SignerRows.Client(client), RowSchemas.Client, cancellationToken);
        if (!read.IsRefused(out Refusal? unread, out SealedRow<ClientRow>? row) && row.Value.Approved == approved)
        {
            return client;
        }

        ClientRow wanted = new(client.Value, approved);
        Result<RowETag> written = (row, unread?.Code) switch
        {
            ({ } judged, _) => await _rows.ReplaceAsync(SignerRows.Client(client), RowSchemas.Client, wanted, judged.ETag, CancellationToken.None),
            (_, SamErrorCode.RowMissing) => await _rows.InsertAsync(SignerRows.Client(client), RowSchemas.Client, wanted, CancellationToken.None),
            (_, SamErrorCode.RowRolledBack) => await OverwriteAsync(client, wanted, cancellationToken),
            _ => unread!,
        };
        if (written.IsRefused(out Refusal? conflict, out _))
        {
            return conflict;
        }

        await _audit.AppendAsync(new AuditRecord { Event = approved ? AuditEvent.ClientApproved : AuditEvent.ClientStopped, Client = client.Value });
        return client;
    }

    /// <summary>Over a row that looks rolled back, which means nothing to anybody: whoever approves or stops the client decides anew.</summary>
    private async Task<Result<RowETag>> OverwriteAsync(ClientId client, ClientRow wanted, CancellationToken cancellationToken)
    {
        RowAddress address = SignerRows.Client(client);
        Result<SealedRow<ClientRow>> read = await _rows.ReadToOverwriteAsync(address, RowSchemas.Client, cancellationToken);
        return read.IsRefused(out Refusal? unread, out SealedRow<ClientRow>? old)
            ? unread
            : await _rows.ReplaceAsync(address, RowSchemas.Client, wanted, old.ETag, CancellationToken.None);
    }
}
