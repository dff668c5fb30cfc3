namespace Sam.Core.Rows;

/// <summary>One change within a commit of one partition.</summary>
public abstract record RowChange
{
    // Closed: the three below are all there are.
    private RowChange(string rowKey) => RowKey = rowKey;

    /// <summary>The row within the partition.</summary>
    public string RowKey { get; }

    /// <summary>Insert; conflicts if the row exists.</summary>
    public sealed record Insert(string Key, ReadOnlyMemory<byte> Content) : RowChange(Key);

    /// <summary>Replace the row of this version; conflicts for another version or none.</summary>
    public sealed record Replace(string Key, ReadOnlyMemory<byte> Content, RowETag ETag) : RowChange(Key);

    /// <summary>Delete the row of this version; conflicts for another version or none.</summary>
    public sealed record Delete(string Key, RowETag ETag) : RowChange(Key);
}
