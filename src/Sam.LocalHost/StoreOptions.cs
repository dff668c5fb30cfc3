using Sam.Core.Rows;
using Sam.Storage.Tables;

namespace Sam.LocalHost;

/// <summary>Where a store is: sections <c>Sam:Storage</c> and <c>Sam:Audit</c>.</summary>
internal sealed class StoreOptions
{
    /// <summary>A connection string of Table Storage or Azurite; null when the endpoint is given.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The account's table endpoint, reached under the machine's identity; null when the connection string is given.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>What the names of the tables begin with.</summary>
    public string TablePrefix { get; set; } = "sam";

    internal TableStoreOptions For(IReadOnlyList<SamTable> tables) =>
        new() { ConnectionString = ConnectionString, Endpoint = Endpoint, TablePrefix = TablePrefix, Tables = tables };
}
