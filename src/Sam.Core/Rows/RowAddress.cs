using System.Buffers;

namespace Sam.Core.Rows;

/// <summary>Where a row stands. Keys are 1 to 512 characters of <c>a-z 0-9 - _ .</c>, so that no store has to escape them.</summary>
/// <param name="Table">The table.</param>
/// <param name="PartitionKey">Rows of one partition change together (<see cref="IRowStore.CommitAsync"/>).</param>
/// <param name="RowKey">The row within its partition.</param>
public readonly record struct RowAddress(SamTable Table, string PartitionKey, string RowKey)
{
    private const int MaxKeyLength = 512;

    private static readonly SearchValues<char> _keyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Whether a text may be a key. Stores refuse other addresses by <see cref="ArgumentException"/>.</summary>
    public static bool IsKey(string? text) =>
        text is { Length: > 0 and <= MaxKeyLength } && !text.AsSpan().ContainsAnyExcept(_keyCharacters);

    /// <inheritdoc/>
    public override string ToString() => $"{Table}/{PartitionKey}/{RowKey}";
}
