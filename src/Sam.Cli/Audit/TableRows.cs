using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;

namespace Sam.Cli.Audit;

/// <summary>The rows of an audit table in Azure Table Storage or Azurite, read and nothing else.</summary>
internal sealed class TableRows
{
    /// <summary>Where the access comes from: a connection string, or a table endpoint with a shared access signature. It may be a secret, so it is no argument.</summary>
    internal const string Variable = "SAM_AUDIT_TABLES";

    // A page of the largest rows is then 70 MiB.
    private const int RowsPerPage = 100;
    private const int MaxChunks = 8;
    private const int ChunkSize = 64 * 1024;

    private readonly TableClient _table;

    private TableRows(TableClient table) => _table = table;

    /// <exception cref="CommandFailure">The variable is not set, or makes no sense.</exception>
    internal static TableRows Open(CliHost host, string table)
    {
        string access = host.Variable(Variable) is { Length: > 0 } set ? set
            : throw new CommandFailure($"Name an export, or set {Variable}: a connection string, or a table endpoint with a shared access signature.", ExitCodes.Unreadable);
        try
        {
            TableServiceClient service = access.StartsWith("http", StringComparison.OrdinalIgnoreCase) ? BySignature(new Uri(access)) : new TableServiceClient(access);
            return service.Uri.Scheme == Uri.UriSchemeHttps || service.Uri.IsLoopback
                ? new TableRows(service.GetTableClient(table))
                : throw new CommandFailure($"{Variable} must be https, or on this machine.", ExitCodes.Unreadable);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            throw new CommandFailure($"{Variable} is neither a connection string nor an address.", ExitCodes.Unreadable, e);
        }
    }

    /// <summary>All rows, by partition and row key.</summary>
    /// <exception cref="CommandFailure">The service is away or refuses.</exception>
    internal async IAsyncEnumerable<AuditRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<TableEntity> entities = _table.QueryAsync<TableEntity>(maxPerPage: RowsPerPage, cancellationToken: cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (entities)
        {
            while (await NextAsync(entities))
            {
                yield return new AuditRow(entities.Current.PartitionKey, entities.Current.RowKey, Content(entities.Current));
            }
        }
    }

    private static TableServiceClient BySignature(Uri address) =>
        new(new UriBuilder(address) { Query = string.Empty }.Uri, new AzureSasCredential(address.Query));

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<TableEntity> entities)
    {
        try
        {
            return await entities.MoveNextAsync();
        }
        catch (RequestFailedException e)
        {
            throw new CommandFailure($"The table {_table.Name} cannot be read: {e.ErrorCode ?? "no answer"}.", ExitCodes.Unreadable, e);
        }
        catch (AggregateException e)
        {
            throw new CommandFailure($"The table {_table.Name} cannot be read: no answer.", ExitCodes.Unreadable, e);
        }
    }

    /// <summary>Binary properties C0 to C7, all but the last full; any other form is no content.</summary>
    private static byte[] Content(TableEntity entity)
    {
        List<byte[]> chunks = [];
        while (chunks.Count < MaxChunks && entity.TryGetValue($"C{chunks.Count}", out object? value) && value is byte[] chunk)
        {
            chunks.Add(chunk);
        }

        int properties = entity.Keys.Count(key => key is not (nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey) or nameof(ITableEntity.Timestamp)) && !key.StartsWith("odata.", StringComparison.Ordinal));
        return properties == chunks.Count && chunks.SkipLast(1).All(chunk => chunk.Length == ChunkSize) ? [.. chunks.SelectMany(chunk => chunk)] : [];
    }
}
