using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Sam.Core.Rows;

namespace Sam.Storage.Tables;

/// <summary>The tables of one account, over one pool of connections.</summary>
internal sealed class TableAccount : IDisposable
{
    // 64 signatures at once read three rows each; more connections to one address than this, and an Azure instance runs short of outgoing ports.
    private const int MaxConnections = 128;

    // Azurite closes connections that were idle for 5 s, and Azure's front ends after minutes; a write on one that is just being closed would be in doubt for nothing.
    private static readonly TimeSpan _idleOnThisMachine = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _idleInAzure = TimeSpan.FromSeconds(30);

    // Follows changes of the address, such as a failover's.
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;
    private readonly Dictionary<SamTable, TableClient> _tables;

    internal TableAccount(TableStoreOptions options, ServerClock clock, TimeProvider time)
    {
        Uri? endpoint = options.Endpoint ?? new TableServiceClient(options.ConnectionString).Uri;
        TableStoreOptions.ValidateEndpoint(endpoint);
        _http = CreateHttp(endpoint.IsLoopback ? _idleOnThisMachine : _idleInAzure);
        TableClientOptions clientOptions = new() { Transport = new HttpClientTransport(_http) };

        // A retried conditional write would answer Conflict to the call that won. Reads are tried again above the SDK.
        clientOptions.Retry.MaxRetries = 0;
        clientOptions.AddPolicy(new SendOncePolicy(), HttpPipelinePosition.PerCall);
        clientOptions.AddPolicy(new ServerDatePolicy(clock, time), HttpPipelinePosition.BeforeTransport);
        TableServiceClient service = options.Endpoint is null
            ? new TableServiceClient(options.ConnectionString, clientOptions)
            : new TableServiceClient(options.Endpoint, options.GetCredential(), clientOptions);
        _tables = options.Tables.Distinct().ToDictionary(t => t, t => service.GetTableClient(options.TablePrefix + t));
    }

    internal IReadOnlyCollection<SamTable> Tables => _tables.Keys;

    public void Dispose() => _http.Dispose();

    /// <exception cref="ArgumentException">The store does not serve this table.</exception>
    internal TableClient Get(SamTable table) => _tables.TryGetValue(table, out TableClient? client)
        ? client
        : throw new ArgumentException($"This store does not serve {table}.", nameof(table));

    private static HttpClient CreateHttp(TimeSpan idle)
    {
#pragma warning disable CA2000 // The client disposes the handler.
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            MaxConnectionsPerServer = MaxConnections,
            PooledConnectionIdleTimeout = idle,
            PooledConnectionLifetime = _connectionLifetime,
            UseCookies = false,
        };
#pragma warning restore CA2000

        // Calls are bounded one by one; see TableRowStore.
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
