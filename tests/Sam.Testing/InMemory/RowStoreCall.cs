using Sam.Core.Rows;

namespace Sam.Testing.InMemory;

/// <summary>What a call to a row store is.</summary>
public enum RowStoreCallKind
{
    /// <summary>Asking the time.</summary>
    Time,

    /// <summary>Reading a row.</summary>
    Read,

    /// <summary>Listing rows.</summary>
    List,

    /// <summary>Inserting a row.</summary>
    Insert,

    /// <summary>Replacing a row.</summary>
    Replace,

    /// <summary>Deleting a row.</summary>
    Delete,

    /// <summary>Committing changes of one partition.</summary>
    Commit,
}

/// <summary>One call to a row store, as a test sees it pass.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Address">The row; for lists and commits the partition, with an empty row key.</param>
public sealed record RowStoreCall(RowStoreCallKind Kind, RowAddress Address)
{
    /// <summary>True for what changes the table.</summary>
    public bool IsWrite => Kind >= RowStoreCallKind.Insert;
}
