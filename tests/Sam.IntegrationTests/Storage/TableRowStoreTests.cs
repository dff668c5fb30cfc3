using Sam.Core.Rows;
using Sam.Storage.Tables;
using Sam.Testing.Rows;
using Sam.Testing.Tables;

namespace Sam.IntegrationTests.Storage;

public sealed class TableRowStoreTests : RowStoreConformance
{
    private readonly AzuriteFixture _azurite;

    public TableRowStoreTests(AzuriteFixture azurite) => _azurite = azurite;

    protected override async Task<IRowStore> OpenAsync() => await _azurite.OpenStoreAsync();

    protected override ValueTask CloseAsync()
    {
        (Store as TableRowStore)?.Dispose();
        return base.CloseAsync();
    }
}
