namespace Sam.Core.Rows;

/// <summary>The version of a row, as the store names it: opaque, and different after every write, also after delete and re-insert.</summary>
/// <param name="Value">The store's own text, at most 128 ASCII characters.</param>
public readonly record struct RowETag(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value ?? "(none)";
}
