using System.Globalization;
using System.Security.Cryptography;
using Sam.Core.Activation;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Sam.Core.Values;

namespace Sam.Core.Audit;

/// <summary>
/// The one way by which records of the audit are read (T-INS-2): whoever has the table has sealed rows, and whoever asks the SAM to open them is an auditor with a key of their own. Each reading is
/// recorded before anything of it is told.
/// </summary>
/// <remarks>Which rows there are, and that none is missing or changed, an auditor knows from the table itself, where the SAM need not be trusted. So this opens rows by number and searches for none.</remarks>
public sealed class AuditReader
{
    // Some rows hold half a MiB: an answer must end.
    private const int MaxBytes = 1024 * 1024;

    private readonly IRowStore _store;
    private readonly IRowSealer _sealer;
    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal AuditReader(IRowStore store, IRowSealer sealer, SealedRows rows, SystemKeys keys, IAuditLog audit)
    {
        _store = store;
        _sealer = sealer;
        _rows = rows;
        _audit = audit;
        OwnKeys = [.. new[] { keys.Identity.Key.Value, keys.MacKey.Value, keys.Pepper.Value }.Distinct()];
    }

    /// <summary>The SAM's own keys in the HSM that sign or make MACs, by the HSM's names: their uses are nobody's signatures.</summary>
    public IReadOnlyList<string> OwnKeys { get; }

    /// <summary>Opens rows of one chain, in order, up to the first that is not there. Refused with RowBroken.</summary>
    /// <param name="by">Who reads.</param>
    /// <param name="chain">The chain's id.</param>
    /// <param name="from">The sequence of the first row.</param>
    /// <param name="limit">How many rows at most; fewer where they are large, and never none where there is one.</param>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="AuditUnavailableException">The reading cannot be recorded.</exception>
    public async Task<Result<IReadOnlyList<OpenedRow>>> ReadAsync(Actor by, string chain, long from, int limit, CancellationToken cancellationToken)
    {
        List<OpenedRow> opened = [];
        Refusal? refusal = null;
        int bytes = 0;
        await foreach (StoredRow row in ListAsync(chain, from, cancellationToken))
        {
            if (Open(row, from + opened.Count).IsRefused(out refusal, out OpenedRow? next))
            {
                break;
            }

            opened.Add(next);
            bytes += row.Content.Length;
            if (opened.Count == limit || bytes >= MaxBytes)
            {
                break;
            }
        }

        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.AuditRead,
            By = by.Name,
            Cause = refusal?.Code.ToString(),
            Detail = string.Create(CultureInfo.InvariantCulture, $"{chain} from {from}, rows {opened.Count}"),
        });
        return refusal is null ? opened : refusal;
    }

    /// <summary>What a transaction's row says of its present SAD. Refused as the row is: RowBroken, RowRolledBack.</summary>
    /// <exception cref="AuditUnavailableException">The reading cannot be recorded.</exception>
    public async Task<Result<AuditedTransaction>> FindTransactionAsync(Actor by, TransactionId id, CancellationToken cancellationToken)
    {
        AuditedTransaction found = new(IsKept: false);
        Refusal? refusal = null;
        await foreach (RowAddress address in _rows.ListAddressesAsync(SamTable.Transactions, TransactionRows.PartitionOf(id), "~", cancellationToken))
        {
            if (!TransactionRows.IsOf(id, address))
            {
                continue;
            }

            Result<SealedRow<TransactionRow>> read = await _rows.ReadAsync(address, RowSchemas.Transaction, cancellationToken);
            if (read.IsRefused(out refusal, out SealedRow<TransactionRow>? row))
            {
                break;
            }

            found = new AuditedTransaction(IsKept: true, row.Value.Spent?.Operation, row.Value.Spent?.SpentAt);
        }

        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.AuditRead, By = by.Name, Transaction = id.Value, Cause = refusal?.Code.ToString() });
        return refusal is null ? found : refusal;
    }

    /// <summary>One record with what binds it to its row. Refused with ParameterInvalid (there is none), RowBroken.</summary>
    /// <exception cref="AuditUnavailableException">The reading cannot be recorded.</exception>
    public async Task<Result<BoundRecord>> FindAsync(Actor by, string chain, long sequence, int index, CancellationToken cancellationToken)
    {
        StoredRow? row = await _store.ReadAsync(AuditChain.Address(chain, sequence), cancellationToken);
        Result<BoundRecord> found = row is null ? new Refusal(SamErrorCode.ParameterInvalid, "sequence")
            : OpenBatch(row).IsRefused(out Refusal? unopened, out AuditBatch? batch) ? unopened
            : index >= batch.Texts.Count ? new Refusal(SamErrorCode.ParameterInvalid, "index")
            : new BoundRecord(DigestOf(row), batch.Texts[index], AuditTree.SaltOf(batch.Salt, index), AuditTree.Path(batch.Leaves(), index));
        await _audit.AppendAsync(new AuditRecord
        {
            Event = AuditEvent.AuditRead,
            By = by.Name,
            Cause = found.Refusal?.Code.ToString(),
            Detail = string.Create(CultureInfo.InvariantCulture, $"{chain} at {sequence}, record {index}"),
        });
        return found;
    }

    private async IAsyncEnumerable<StoredRow> ListAsync(string chain, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long next = from;
        for (long before = -1; before < next;)
        {
            before = next;
            RowAddress address = AuditChain.Address(chain, next);
            await foreach (StoredRow row in _store.ListAsync(SamTable.Audit, address.PartitionKey, address.RowKey, "~", cancellationToken))
            {
                if (row.Address != AuditChain.Address(chain, next))
                {
                    yield break;
                }

                yield return row;
                next++;
            }
        }
    }

    private Result<OpenedRow> Open(StoredRow row, long sequence) =>
        OpenBatch(row).IsRefused(out Refusal? refusal, out AuditBatch? batch) ? refusal : new OpenedRow(sequence, DigestOf(row), batch.Records);

    private Result<AuditBatch> OpenBatch(StoredRow row)
    {
        if (!AuditChain.TrySplit(row.Content, out ReadOnlyMemory<byte> sealedBatch))
        {
            return SamErrorCode.RowBroken;
        }

        return _sealer.Open(row with { Content = sealedBatch }, AuditChain.Schema).IsRefused(out Refusal? refusal, out byte[]? json) ? refusal : AuditBatch.Parse(json);
    }

    private static string DigestOf(StoredRow row) => Convert.ToHexStringLower(SHA256.HashData(row.Content.Span));
}
