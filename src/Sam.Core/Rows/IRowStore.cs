namespace Sam.Core.Rows;

/// <summary>
/// A table store as the SAM needs it: opaque bytes under two keys, versions, conditional writes. It is outside the trust boundary:
/// <c>SealedRows</c> stands between it and everything else.
/// </summary>
/// <remarks>
/// Implementations MUST carry out each write at most once per call and MUST NOT retry one (a second conditional write would
/// answer Conflict to the call that won), MUST write whole rows (a merge would move the Timestamp without the seal), MUST return from every call within a
/// bounded time, and MUST give every write a new version. Reads MAY be retried. Content is 1 byte to 512 KiB.
/// A cancellation stops a write only before it is sent: a write that left is waited for, because giving it up would leave it in doubt.
/// A row in another form than the store writes (somebody else wrote it) is returned with empty content, which no seal opens.
/// Every implementation passes <c>RowStoreConformance</c>.
/// </remarks>
public interface IRowStore
{
    /// <summary>
    /// The store's own clock: the last date it answered with, plus monotonic time since. Asks the store if it has not answered yet.
    /// The machine's clock, which an operator or NTP can move, plays no part (security decision 15).
    /// </summary>
    /// <exception cref="RowStoreException">The store is away.</exception>
    ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken);

    /// <summary>Reads one row; null if there is none. Strongly consistent.</summary>
    /// <exception cref="RowStoreException">The store is away.</exception>
    Task<StoredRow?> ReadAsync(RowAddress address, CancellationToken cancellationToken);

    /// <summary>Reads the rows of one partition with <paramref name="from"/> ≤ row key &lt; <paramref name="before"/> (ordinal), in order. Never on the path of authorize or signHash.</summary>
    /// <exception cref="RowStoreException">The store is away.</exception>
    IAsyncEnumerable<StoredRow> ListAsync(SamTable table, string partitionKey, string from, string before, CancellationToken cancellationToken);

    /// <summary>Inserts a row.</summary>
    /// <exception cref="RowStoreException">Refused for certain, and not by the condition: no such table, no right. So for every write.</exception>
    Task<RowWriteResult> InsertAsync(RowAddress address, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Replaces the row of this version.</summary>
    Task<RowWriteResult> ReplaceAsync(RowAddress address, ReadOnlyMemory<byte> content, RowETag etag, CancellationToken cancellationToken);

    /// <summary>Deletes the row of this version.</summary>
    Task<RowWriteResult> DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken);

    /// <summary>Carries out 1 to 100 changes of one partition, all or none; each row once, and 2 MiB of content together.</summary>
    /// <exception cref="RowStoreException">Refused for certain, and not by a condition.</exception>
    Task<RowWriteResult> CommitAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken);
}
