namespace Sam.Testing.Tables;

/// <summary>An answer of the table service.</summary>
public sealed record TableAnswer(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The same with one header changed.</summary>
    public TableAnswer With(string header, Func<string, string> change) => this with
    {
        Headers = [.. Headers.Select(h => h.Key.Equals(header, StringComparison.OrdinalIgnoreCase) ? new(h.Key, change(h.Value)) : h)],
    };
}
