namespace Sam.Testing.Tables;

/// <summary>What a request asks of the table service.</summary>
public enum TableRequestKind
{
    /// <summary>One row by its keys.</summary>
    Read,

    /// <summary>A query.</summary>
    List,

    /// <summary>An insert.</summary>
    Insert,

    /// <summary>A conditional replace.</summary>
    Replace,

    /// <summary>A merge, which a SAM never sends.</summary>
    Merge,

    /// <summary>A delete.</summary>
    Delete,

    /// <summary>An entity group transaction.</summary>
    Commit,

    /// <summary>A table is made.</summary>
    CreateTable,

    /// <summary>Anything else.</summary>
    Other,
}
