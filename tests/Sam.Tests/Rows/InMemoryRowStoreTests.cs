using Sam.Core.Rows;
using Sam.Testing.InMemory;
using Sam.Testing.Rows;

namespace Sam.Tests.Rows;

public sealed class InMemoryRowStoreTests : RowStoreConformance
{
    protected override Task<IRowStore> OpenAsync() => Task.FromResult<IRowStore>(new InMemoryRowStore(TimeProvider.System));
}
