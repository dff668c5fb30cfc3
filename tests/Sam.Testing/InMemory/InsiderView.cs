using Sam.Core.Rows;

namespace Sam.Testing.InMemory;

/// <summary>
/// What somebody with full access to the storage account can do (T-INS-3): read all, write any bytes anywhere without a condition, delete.
/// What they cannot do is choose a version or a Timestamp: the service sets both at every write.
/// </summary>
public sealed class InsiderView
{
    private readonly InMemoryRowStore _store;

    internal InsiderView(InMemoryRowStore store) => _store = store;

    /// <summary>All rows, or those of one table, in the order of their keys.</summary>
    public IReadOnlyList<StoredRow> Rows(SamTable? table = null) => [.. _store.Snapshot().Where(r => table is null || r.Address.Table == table)];

    /// <summary>One row.</summary>
    public StoredRow Row(RowAddress address) => Rows().Single(r => r.Address == address);

    /// <summary>Writes an old copy of a row back to its place.</summary>
    public StoredRow WriteBack(StoredRow copy) => _store.WriteRaw(copy.Address, copy.Content);

    /// <summary>Writes bytes anywhere.</summary>
    public StoredRow Write(RowAddress address, ReadOnlyMemory<byte> content) => _store.WriteRaw(address, content);

    /// <summary>Removes a row; false if there is none.</summary>
    public bool Delete(RowAddress address) => _store.DeleteRaw(address);
}
