using Sam.Core.Rows;
using Sam.Storage.Tables;
using Sam.Testing.Tables;
using Xunit;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Sam.IntegrationTests.Storage;

/// <summary>Stores of the run's Azurite, each under a prefix of its own.</summary>
internal static class AzuriteStores
{
    private static readonly SamTable[] _tables = [SamTable.Signers, SamTable.Clients, SamTable.Transactions];

    /// <summary>Longer than the product's time-outs: a busy test machine is no fault.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    internal static Task<TableRowStore> OpenStoreAsync(this AzuriteFixture azurite) => OpenAsync(Options(azurite.ConnectionString));

    internal static Task<TableRowStore> OpenStoreAsync(this AzuriteFixture azurite, TableProxy proxy) => OpenAsync(Options(azurite.ConnectionStringFor(proxy)));

    /// <summary>One that gives up soon, for tests in which it has to.</summary>
    internal static Task<TableRowStore> OpenStoreAsync(this AzuriteFixture azurite, TableProxy proxy, TimeSpan readTimeout, TimeSpan writeTimeout) =>
        OpenAsync(Options(azurite.ConnectionStringFor(proxy), readTimeout, writeTimeout));

    internal static TableStoreOptions Options(string connectionString, TimeSpan? readTimeout = null, TimeSpan? writeTimeout = null) => new()
    {
        ConnectionString = connectionString,
        TablePrefix = AzuriteFixture.NewPrefix(),
        Tables = _tables,
        ReadTimeout = readTimeout ?? Patience,
        WriteTimeout = writeTimeout ?? Patience,
    };

    private static Task<TableRowStore> OpenAsync(TableStoreOptions options) =>
        TableRowStore.OpenAsync(options, TimeProvider.System, TestContext.Current.CancellationToken);
}
