using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Sam.Core.Rows;

namespace Sam.Storage.Tables;

/// <summary>Rows in Azure Table Storage or Azurite. Each write is one request, sent once; README.md says which rows stand where, and why.</summary>
public sealed class TableRowStore : IRowStore, IDisposable
{
    private const int MaxChanges = 100;

    // An entity group transaction holds 4 MiB, and Base64 takes a third more than the content.
    private const int MaxCommit = 2 * 1024 * 1024;

    // A page of the largest rows is then 70 MiB, and of usual ones 100 KiB.
    private const int RowsPerPage = 100;

    private readonly TableAccount _account;
    private readonly ServerClock _clock;
    private readonly TransientReads _reads;
    private readonly TimeSpan _writeTimeout;
    private readonly TimeProvider _time;

    private TableRowStore(TableAccount account, ServerClock clock, TableStoreOptions options, TimeProvider time)
    {
        _account = account;
        _clock = clock;
        _reads = new TransientReads(options.ReadTimeout, time);
        _writeTimeout = options.WriteTimeout;
        _time = time;
    }

    /// <summary>Opens the store: makes its tables where it may, and asks the service for its time.</summary>
    /// <param name="options">Where, as whom, which tables.</param>
    /// <param name="time">The monotonic clock, and time-outs. Dates come from the service.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="ArgumentException">A setting that cannot be.</exception>
    /// <exception cref="RowStoreException">The service is away, refuses, or lacks a table.</exception>
    public static async Task<TableRowStore> OpenAsync(TableStoreOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        options.Validate();
        ServerClock clock = new(time);
        TableRowStore store = new(new TableAccount(options, clock, time), clock, options, time);
        try
        {
            await Task.WhenAll(store._account.Tables.Select(table => store.PrepareAsync(table, options.CreateTables, cancellationToken)));
            await store.GetTimeAsync(cancellationToken);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) =>
        _clock.Now is { } now ? new ValueTask<DateTimeOffset>(now) : new ValueTask<DateTimeOffset>(AskTimeAsync(cancellationToken));

    /// <inheritdoc/>
    public Task<StoredRow?> ReadAsync(RowAddress address, CancellationToken cancellationToken)
    {
        TableClient table = Table(address);
        return _reads.RunAsync(token => FindAsync(table, address, token), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredRow> ListAsync(
        SamTable table, string partitionKey, string from, string before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        RequireKey(partitionKey);
        TableClient client = _account.Get(table);
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partitionKey} and RowKey ge {from} and RowKey lt {before}");
        string? next = null;
        do
        {
            Page<TableEntity> page = await _reads.RunAsync(token => ReadPageAsync(client, filter, next, token), cancellationToken);
            foreach (TableEntity entity in page.Values)
            {
                yield return RowEntity.ToRow(new RowAddress(table, partitionKey, entity.RowKey), entity);
            }

            next = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <inheritdoc/>
    public Task<RowWriteResult> InsertAsync(RowAddress address, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        TableClient table = Table(address);
        TableEntity entity = Entity(address.PartitionKey, address.RowKey, content);
        return WriteAsync(async token => Answers.OfWrite(await table.AddEntityAsync(entity, token), versioned: true), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RowWriteResult> ReplaceAsync(RowAddress address, ReadOnlyMemory<byte> content, RowETag etag, CancellationToken cancellationToken)
    {
        TableClient table = Table(address);
        TableEntity entity = Entity(address.PartitionKey, address.RowKey, content);
        ETag version = Version(etag);
        return WriteAsync(
            async token => Answers.OfWrite(await table.UpdateEntityAsync(entity, version, TableUpdateMode.Replace, token), versioned: true), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RowWriteResult> DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken)
    {
        TableClient table = Table(address);
        ETag version = Version(etag);
        return WriteAsync(
            async token => Answers.OfWrite(await table.DeleteEntityAsync(address.PartitionKey, address.RowKey, version, token), versioned: false), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RowWriteResult> CommitAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        RequireKey(partitionKey);
        TableClient client = _account.Get(table);
        TableTransactionAction[] actions = [.. changes.Select(change => Action(partitionKey, change))];
        if (actions.Length is 0 or > MaxChanges || changes.DistinctBy(c => c.RowKey).Count() != actions.Length)
        {
            throw new ArgumentException($"A commit has 1 to {MaxChanges} changes, each of another row.", nameof(changes));
        }

        if (changes.Sum(ContentLength) > MaxCommit)
        {
            throw new ArgumentException("A commit holds 2 MiB.", nameof(changes));
        }

        return WriteAsync(
            async token => Answers.OfWrite((await client.SubmitTransactionAsync(actions, token)).GetRawResponse(), versioned: false), cancellationToken);
    }

    /// <summary>Closes its connections.</summary>
    public void Dispose() => _account.Dispose();

    private static async Task<StoredRow?> FindAsync(TableClient table, RowAddress address, CancellationToken cancellationToken)
    {
        try
        {
            Response<TableEntity> found = await table.GetEntityAsync<TableEntity>(address.PartitionKey, address.RowKey, cancellationToken: cancellationToken);
            return RowEntity.ToRow(address, found.Value);
        }
        catch (RequestFailedException missing) when (Answers.IsRowMissing(missing))
        {
            return null;
        }
    }

    private static async Task<Page<TableEntity>> ReadPageAsync(TableClient table, string filter, string? continuation, CancellationToken cancellationToken)
    {
        AsyncPageable<TableEntity> rows = table.QueryAsync<TableEntity>(filter, RowsPerPage, cancellationToken: cancellationToken);
        await using IAsyncEnumerator<Page<TableEntity>> pages = rows.AsPages(continuation).GetAsyncEnumerator(cancellationToken);
        return await pages.MoveNextAsync() ? pages.Current : throw new InvalidOperationException("A query without a page.");
    }

    private static TableTransactionAction Action(string partitionKey, RowChange change) => change switch
    {
        RowChange.Insert insert => new(TableTransactionActionType.Add, Entity(partitionKey, insert.RowKey, insert.Content)),
        RowChange.Replace replace => new(TableTransactionActionType.UpdateReplace, Entity(partitionKey, replace.RowKey, replace.Content), Version(replace.ETag)),
        RowChange.Delete delete => new(TableTransactionActionType.Delete, new TableEntity(partitionKey, RequireKey(delete.RowKey)), Version(delete.ETag)),
        _ => throw new ArgumentException("An unknown kind of change.", nameof(change)),
    };

    private static int ContentLength(RowChange change) => change switch
    {
        RowChange.Insert insert => insert.Content.Length,
        RowChange.Replace replace => replace.Content.Length,
        _ => 0,
    };

    private static TableEntity Entity(string partitionKey, string rowKey, ReadOnlyMemory<byte> content) =>
        content.Length is > 0 and <= RowEntity.MaxContent
            ? RowEntity.From(partitionKey, RequireKey(rowKey), content)
            : throw new ArgumentException("Content is 1 byte to 512 KiB.", nameof(content));

    /// <summary>The service's versions are weak entity tags. Nothing else is sent as a condition: "*" would be none.</summary>
    private static ETag Version(RowETag etag) => etag.Value is { Length: > 4 } text && text.StartsWith("W/\"", StringComparison.Ordinal)
        ? new ETag(text)
        : throw new ArgumentException("Not a version of this store.", nameof(etag));

    private static string RequireKey(string key) =>
        RowAddress.IsKey(key) ? key : throw new ArgumentException("A key is 1 to 512 characters of a-z 0-9 - _ .", nameof(key));

    private TableClient Table(RowAddress address)
    {
        RequireKey(address.PartitionKey);
        RequireKey(address.RowKey);
        return _account.Get(address.Table);
    }

    private async Task<RowWriteResult> WriteAsync(Func<CancellationToken, Task<RowWriteResult>> send, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource timeout = new(_writeTimeout, _time);
        try
        {
            return await send(timeout.Token);
        }
#pragma warning disable CA1031 // Transport and parser throw what they like: only an answer that is understood makes a write certain.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return Answers.OfFailedWrite(failure);
        }
    }

    private Task PrepareAsync(SamTable table, bool create, CancellationToken cancellationToken) => create
        ? _reads.RunAsync(token => _account.Get(table).CreateIfNotExistsAsync(token), cancellationToken)
        : ReadAsync(Nowhere(table), cancellationToken);

    private async Task<DateTimeOffset> AskTimeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(Nowhere(_account.Tables.First()), cancellationToken);
        }
        catch (RowStoreException) when (_clock.Now is not null)
        {
            // A refusal has a Date, too.
        }

        return _clock.Now ?? throw new RowStoreException("The table service does not tell its time.");
    }

    /// <summary>A row that is never written: asking for it is the cheapest request.</summary>
    private static RowAddress Nowhere(SamTable table) => new(table, "nowhere", "nowhere");
}
