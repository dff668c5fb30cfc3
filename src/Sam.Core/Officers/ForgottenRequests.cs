using Sam.Core.Rows;

namespace Sam.Core.Officers;

/// <summary>Deletes the rows of idempotency keys whose time is over. A host calls it from a timer, once a minute; nothing depends on it but the table's size.</summary>
/// <remarks>The store's minute chooses the partition, as with <see cref="Activation.ExpiredTransactions"/>. A row's age is the table's own word: it need not be opened.</remarks>
public sealed class ForgottenRequests
{
    // Whoever was told that a key is still good must not lose its row under their hands.
    private static readonly TimeSpan _grace = TimeSpan.FromHours(1);

    // What one commit holds.
    private const int MaxBatch = 100;

    private readonly IRowStore _rows;

    /// <summary>Purges in this store.</summary>
    public ForgottenRequests(IRowStore rows) => _rows = rows;

    /// <summary>Purges the partition whose turn it is by the store's clock. Gives how many rows were deleted for certain.</summary>
    /// <exception cref="RowStoreException">The store is away; the next call goes on.</exception>
    public async Task<int> PurgeDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        string partition = Creations.Partition((int)(now.ToUnixTimeSeconds() / 60 % Creations.Shards));
        List<RowChange> old = [];
        await foreach (StoredRow row in _rows.ListAsync(SamTable.Registry, partition, "0", "~", cancellationToken))
        {
            // A key that no code of ours writes was put there by somebody else; it must not stop the purge.
            if (row.Timestamp + Creations.Lifetime + _grace < now && RowAddress.IsKey(row.Address.RowKey))
            {
                old.Add(new RowChange.Delete(row.Address.RowKey, row.ETag));
            }
        }

        int deleted = 0;
        foreach (RowChange[] batch in old.Chunk(MaxBatch))
        {
            deleted += (await _rows.CommitAsync(SamTable.Registry, partition, batch, cancellationToken)).Outcome == RowWriteOutcome.Written ? batch.Length : 0;
        }

        return deleted;
    }
}
