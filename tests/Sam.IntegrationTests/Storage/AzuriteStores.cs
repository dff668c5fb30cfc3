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

    internal static Task<TableRowStore> OpenStoreAsync(this AzuriteFixture azurite) => OpenAsync(azurite.ConnectionString, TimeProvider.System);

    internal static Task<TableRowStore> OpenStoreAsync(this AzuriteFixture azurite, TableProxy proxy, TimeProvider? time = null) =>
        OpenAsync(azurite.ConnectionStringFor(proxy), time ?? TimeProvider.System);

    private static Task<TableRowStore> OpenAsync(string connectionString, TimeProvider time) => TableRowStore.OpenAsync(
        new TableStoreOptions { ConnectionString = connectionString, TablePrefix = AzuriteFixture.NewPrefix(), Tables = _tables },
        time,
        TestContext.Current.CancellationToken);
}
