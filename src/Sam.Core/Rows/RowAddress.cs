namespace Sam.Core.Rows;

/// <summary>Where a row stands. Keys are 1 to 512 characters of <c>a-z 0-9 - _ .</c>, so that no store has to escape them.</summary>
/// <param name="Table">The table.</param>
/// <param name="PartitionKey">Rows of one partition change together (<see cref="IRowStore.CommitAsync"/>).</param>
/// <param name="RowKey">The row within its partition.</param>
public readonly record struct RowAddress(SamTable Table, string PartitionKey, string RowKey)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Table}/{PartitionKey}/{RowKey}";
}
