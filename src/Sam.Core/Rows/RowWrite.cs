using System.Text.Json;

namespace Sam.Core.Rows;

/// <summary>One row of a commit, not sealed yet: the seal holds the time of writing, which is known last.</summary>
/// <param name="Address">Where it will stand.</param>
/// <param name="Schema">Its schema's name.</param>
/// <param name="Json">What the seal will hold.</param>
/// <param name="Replaced">The version that it replaces; null for a new row.</param>
internal sealed record RowWrite(RowAddress Address, string Schema, byte[] Json, RowETag? Replaced)
{
    internal static RowWrite Insert<T>(RowAddress address, RowSchema<T> schema, T value)
        where T : class => new(address, schema.Name, JsonSerializer.SerializeToUtf8Bytes(value, schema.Json), Replaced: null);

    internal static RowWrite Replace<T>(RowAddress address, RowSchema<T> schema, T value, RowETag etag)
        where T : class => new(address, schema.Name, JsonSerializer.SerializeToUtf8Bytes(value, schema.Json), etag);

    /// <summary>Over whatever stands there in this version; null: nothing does.</summary>
    internal static RowWrite Put<T>(RowAddress address, RowSchema<T> schema, T value, RowETag? replaced)
        where T : class => new(address, schema.Name, JsonSerializer.SerializeToUtf8Bytes(value, schema.Json), replaced);

    internal RowChange ToChange(byte[] content) =>
        Replaced is { } etag ? new RowChange.Replace(Address.RowKey, content, etag) : new RowChange.Insert(Address.RowKey, content);
}
