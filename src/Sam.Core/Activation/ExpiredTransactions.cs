using System.Globalization;
using Sam.Core.Rows;

namespace Sam.Core.Activation;

/// <summary>
/// Deletes transactions whose SADs are long dead. A host calls it from a timer, once a minute; it is never part of a request, and nothing depends on it but the table's size.
/// </summary>
/// <remarks>
/// The table is cut into 64 slices of 64 partitions, and the store's minute chooses the slice: so there is no cursor to keep or to lose, a pass over the table takes about an hour
/// whoever makes it, and a slice that was missed or stopped half-way is taken up the next hour. Two hosts at once only conflict.
/// </remarks>
public sealed class ExpiredTransactions
{
    /// <summary>Into how many parts a pass over the table is cut.</summary>
    public const int Slices = 64;

    private const int PartitionsPerSlice = 4_096 / Slices;

    // What one commit holds.
    private const int MaxBatch = 100;

    private readonly IRowStore _rows;

    /// <summary>Purges in this store.</summary>
    public ExpiredTransactions(IRowStore rows) => _rows = rows;

    /// <summary>Purges the slice whose turn it is by the store's clock.</summary>
    /// <returns>How many rows were deleted for certain.</returns>
    /// <exception cref="RowStoreException">The store is away; the next call goes on.</exception>
    public async Task<int> PurgeDueAsync(CancellationToken cancellationToken)
    {
        long minute = Minute(await _rows.GetTimeAsync(cancellationToken));
        return await PurgeAsync((int)(minute % Slices), cancellationToken);
    }

    /// <summary>Purges one slice.</summary>
    internal async Task<int> PurgeAsync(int slice, CancellationToken cancellationToken)
    {
        // Row keys begin with their purge minute, so the expired rows of a partition are one range of keys. One partition after the other: this must not crowd out signatures.
        string before = Minute(await _rows.GetTimeAsync(cancellationToken)).ToString("d10", CultureInfo.InvariantCulture);
        int deleted = 0;
        for (int partition = slice * PartitionsPerSlice; partition < (slice + 1) * PartitionsPerSlice; partition++)
        {
            string partitionKey = partition.ToString("x3", CultureInfo.InvariantCulture);
            List<RowChange> batch = [];
            await foreach (StoredRow row in _rows.ListAsync(SamTable.Transactions, partitionKey, "0", before, cancellationToken))
            {
                // A key that no code of ours writes was put there by somebody else; it must not stop the purge.
                if (!RowAddress.IsKey(row.Address.RowKey))
                {
                    continue;
                }

                batch.Add(new RowChange.Delete(row.Address.RowKey, row.ETag));
                if (batch.Count == MaxBatch)
                {
                    deleted += await DeleteAsync(partitionKey, batch, cancellationToken);
                    batch = [];
                }
            }

            deleted += await DeleteAsync(partitionKey, batch, cancellationToken);
        }

        return deleted;
    }

    private static long Minute(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    /// <summary>By version: in a conflict another host was there first, and what is left waits for the next pass.</summary>
    private async Task<int> DeleteAsync(string partitionKey, List<RowChange> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return 0;
        }

        RowWriteResult result = await _rows.CommitAsync(SamTable.Transactions, partitionKey, batch, cancellationToken);
        return result.Outcome == RowWriteOutcome.Written ? batch.Count : 0;
    }
}
