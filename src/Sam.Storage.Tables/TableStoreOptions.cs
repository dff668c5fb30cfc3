using Azure.Core;
using Azure.Identity;
using Sam.Core.Rows;

namespace Sam.Storage.Tables;

/// <summary>Which tables of which account a store serves. Either a connection string (Azurite) or an endpoint with an identity (Azure). Not a record: it would print the account key.</summary>
public sealed class TableStoreOptions
{
    private static readonly TimeSpan _minTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _maxTimeout = TimeSpan.FromSeconds(30);

    /// <summary>What the main store serves.</summary>
    public static IReadOnlyList<SamTable> MainTables { get; } = [.. Enum.GetValues<SamTable>().Where(t => t != SamTable.Audit)];

    /// <summary>What the audit store serves.</summary>
    public static IReadOnlyList<SamTable> AuditTables { get; } = [SamTable.Audit];

    /// <summary>A connection string, with the account's key. For Azurite: a deployment has no keys.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The account's table endpoint, such as <c>https://ACCOUNT.table.core.windows.net</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The identity at <see cref="Endpoint"/>; unset: the managed identity of <see cref="ManagedIdentityClientId"/>, or else <see cref="DefaultAzureCredential"/>.</summary>
    public TokenCredential? Credential { get; init; }

    /// <summary>The client id of a user-assigned managed identity.</summary>
    public string? ManagedIdentityClientId { get; init; }

    /// <summary>What table names begin with: 1 to 20 letters and digits, a letter first.</summary>
    public string TablePrefix { get; init; } = "sam";

    /// <summary>The tables served; others are refused by <see cref="ArgumentException"/>.</summary>
    public IReadOnlyList<SamTable> Tables { get; init; } = MainTables;

    /// <summary>Whether missing tables are made at the opening. In Azure the deployment makes them, and the SAM has no right to.</summary>
    public bool CreateTables { get; init; } = true;

    /// <summary>How long a write may take before it is in doubt: 0.1 s to 30 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one try of a read may take: 0.1 s to 30 s. A read is tried three times at most.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(2);

    internal TokenCredential GetCredential() => Credential
        ?? (ManagedIdentityClientId is { } clientId
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new DefaultAzureCredential());

    /// <summary>Checks the settings and opens nothing: a host that opens later still refuses to start with wrong ones.</summary>
    /// <exception cref="ArgumentException">A setting that cannot be, by name.</exception>
    public void Validate()
    {
        Require((ConnectionString is null) != (Endpoint is null), "Set either ConnectionString or Endpoint.");
        Require(TablePrefix.Length is >= 1 and <= 20 && char.IsAsciiLetter(TablePrefix[0]) && TablePrefix.All(char.IsAsciiLetterOrDigit), "TablePrefix: 1 to 20 letters and digits, a letter first.");
        Require(Tables.Count > 0, "Tables: at least one.");
        Require(WriteTimeout >= _minTimeout && WriteTimeout <= _maxTimeout, "WriteTimeout: 0.1 s to 30 s.");
        Require(ReadTimeout >= _minTimeout && ReadTimeout <= _maxTimeout, "ReadTimeout: 0.1 s to 30 s.");
    }

    /// <summary>Over plain HTTP anybody on the way could set the store's clock, and so expire or revive.</summary>
    internal static void ValidateEndpoint(Uri endpoint) =>
        Require(endpoint.Scheme == Uri.UriSchemeHttps || endpoint.IsLoopback, "The table endpoint must be https, or on this machine.");

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
