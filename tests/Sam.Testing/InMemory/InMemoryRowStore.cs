using System.Globalization;
using System.Runtime.CompilerServices;
using Sam.Core.Rows;

namespace Sam.Testing.InMemory;

/// <summary>
/// A row store in the process: what the contract asks, under one lock, by a clock that the test turns. It stands for a table service outside the trust boundary,
/// so it has an <see cref="Attacker"/>'s door: who has the account's keys writes what they like, but cannot choose a row's version or Timestamp.
/// </summary>
public sealed class InMemoryRowStore : IRowStore
{
    private const int MaxContent = 512 * 1024;
    private const int MaxChanges = 100;
    private const int MaxCommit = 2 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<RowAddress, StoredRow> _rows = [];

    // A listing costs what its partition holds, as it does at a table service.
    private readonly Dictionary<(SamTable Table, string Key), SortedDictionary<string, StoredRow>> _partitions = [];
    private readonly TimeProvider _clock;
    private long _version;

    /// <summary>An empty store.</summary>
    /// <param name="clock">The service's clock, which need not be the SAM's.</param>
    public InMemoryRowStore(TimeProvider clock) => _clock = clock;

    /// <summary>True: answers are dated in whole seconds, as an HTTP Date header is, while Timestamps stay exact.</summary>
    public bool WholeSecondDates { get; set; }

    /// <summary>The table as somebody sees it who has the storage account's keys.</summary>
    public InsiderView Attacker => new(this);

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Date());

    /// <inheritdoc/>
    public Task<StoredRow?> ReadAsync(RowAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckKey(address.PartitionKey);
        CheckKey(address.RowKey);
        lock (_lock)
        {
            return Task.FromResult(_rows.GetValueOrDefault(address));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredRow> ListAsync(
        SamTable table, string partitionKey, string from, string before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (StoredRow row in Partition(table, partitionKey))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (string.CompareOrdinal(from, row.Address.RowKey) <= 0 && string.CompareOrdinal(row.Address.RowKey, before) < 0)
            {
                yield return row;
            }
        }
    }

    /// <inheritdoc/>
    public Task<RowWriteResult> InsertAsync(RowAddress address, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WriteAsync(address.Table, address.PartitionKey, [new RowChange.Insert(address.RowKey, content)], cancellationToken);

    /// <inheritdoc/>
    public Task<RowWriteResult> ReplaceAsync(RowAddress address, ReadOnlyMemory<byte> content, RowETag etag, CancellationToken cancellationToken) =>
        WriteAsync(address.Table, address.PartitionKey, [new RowChange.Replace(address.RowKey, content, etag)], cancellationToken);

    /// <inheritdoc/>
    public Task<RowWriteResult> DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken) =>
        WriteAsync(address.Table, address.PartitionKey, [new RowChange.Delete(address.RowKey, etag)], cancellationToken);

    /// <inheritdoc/>
    public async Task<RowWriteResult> CommitAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        RowWriteResult written = await WriteAsync(table, partitionKey, changes, cancellationToken);
        return changes.Count == 1 ? written : written with { ETag = default };
    }

    internal IReadOnlyList<StoredRow> Snapshot()
    {
        lock (_lock)
        {
            return [.. _rows.Values.OrderBy(r => r.Address, Comparer<RowAddress>.Create(CompareKeys))];
        }
    }

    internal StoredRow WriteRaw(RowAddress address, ReadOnlyMemory<byte> content)
    {
        lock (_lock)
        {
            return Put(address, content);
        }
    }

    internal bool DeleteRaw(RowAddress address)
    {
        lock (_lock)
        {
            return Remove(address);
        }
    }

    private IReadOnlyList<StoredRow> Partition(SamTable table, string partitionKey)
    {
        lock (_lock)
        {
            return _partitions.TryGetValue((table, partitionKey), out SortedDictionary<string, StoredRow>? rows) ? [.. rows.Values] : [];
        }
    }

    private Task<RowWriteResult> WriteAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfZero(changes.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(changes.Count, MaxChanges);
        if (changes.DistinctBy(c => c.RowKey).Count() != changes.Count)
        {
            throw new ArgumentException("A commit names a row once.", nameof(changes));
        }

        CheckKey(partitionKey);
        foreach (RowChange change in changes)
        {
            Check(change);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(changes.Sum(c => Content(c).Length), MaxCommit, nameof(changes));
        lock (_lock)
        {
            if (!changes.All(c => Holds(new RowAddress(table, partitionKey, c.RowKey), c)))
            {
                return Task.FromResult(new RowWriteResult(RowWriteOutcome.Conflict, ServerDate: Date()));
            }

            RowETag last = default;
            foreach (RowChange change in changes)
            {
                last = Apply(new RowAddress(table, partitionKey, change.RowKey), change);
            }

            return Task.FromResult(new RowWriteResult(RowWriteOutcome.Written, last, Date()));
        }
    }

    private bool Holds(RowAddress address, RowChange change)
    {
        StoredRow? row = _rows.GetValueOrDefault(address);
        return change switch
        {
            RowChange.Insert => row is null,
            RowChange.Replace replace => row?.ETag == replace.ETag,
            RowChange.Delete delete => row?.ETag == delete.ETag,
            _ => throw new ArgumentException("No such change.", nameof(change)),
        };
    }

    private RowETag Apply(RowAddress address, RowChange change)
    {
        switch (change)
        {
            case RowChange.Insert insert:
                return Put(address, insert.Content).ETag;
            case RowChange.Replace replace:
                return Put(address, replace.Content).ETag;
            default:
                _ = Remove(address);
                return default;
        }
    }

    private StoredRow Put(RowAddress address, ReadOnlyMemory<byte> content)
    {
        // Like the service's, a version is different after every write, also after delete and re-insert.
        RowETag etag = new(string.Create(CultureInfo.InvariantCulture, $"W/\"{++_version:d}\""));
        StoredRow row = new(address, content.ToArray(), etag, _clock.GetUtcNow());
        _rows[address] = row;
        if (!_partitions.TryGetValue((address.Table, address.PartitionKey), out SortedDictionary<string, StoredRow>? partition))
        {
            _partitions[(address.Table, address.PartitionKey)] = partition = new SortedDictionary<string, StoredRow>(StringComparer.Ordinal);
        }

        partition[address.RowKey] = row;
        return row;
    }

    private bool Remove(RowAddress address)
    {
        if (!_rows.Remove(address))
        {
            return false;
        }

        SortedDictionary<string, StoredRow> partition = _partitions[(address.Table, address.PartitionKey)];
        _ = partition.Remove(address.RowKey);
        if (partition.Count == 0)
        {
            _ = _partitions.Remove((address.Table, address.PartitionKey));
        }

        return true;
    }

    private static ReadOnlyMemory<byte> Content(RowChange change) => change switch
    {
        RowChange.Insert insert => insert.Content,
        RowChange.Replace replace => replace.Content,
        _ => default,
    };

    private static void Check(RowChange change)
    {
        CheckKey(change.RowKey);
        if (change is not RowChange.Delete)
        {
            CheckContent(Content(change));
        }

        if ((change as RowChange.Replace)?.ETag is { } replaced)
        {
            CheckVersion(replaced);
        }

        if ((change as RowChange.Delete)?.ETag is { } deleted)
        {
            CheckVersion(deleted);
        }
    }

    private static void CheckContent(ReadOnlyMemory<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfZero(content.Length, nameof(content));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxContent, nameof(content));
    }

    private static void CheckVersion(RowETag etag)
    {
        if (string.IsNullOrEmpty(etag.Value) || etag.Value == "*")
        {
            throw new ArgumentException($"Not a version: {etag}.");
        }
    }

    private static void CheckKey(string key)
    {
        if (!RowAddress.IsKey(key))
        {
            throw new ArgumentException($"Not a key of a row: \"{key}\".");
        }
    }

    private static int CompareKeys(RowAddress x, RowAddress y) =>
        x.Table != y.Table ? x.Table.CompareTo(y.Table)
        : string.CompareOrdinal(x.PartitionKey, y.PartitionKey) is not 0 and int partitions ? partitions
        : string.CompareOrdinal(x.RowKey, y.RowKey);

    private DateTimeOffset Date()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        return WholeSecondDates ? now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)) : now;
    }
}
