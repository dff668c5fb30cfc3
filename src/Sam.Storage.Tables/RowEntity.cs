using Azure.Data.Tables;
using Sam.Core.Rows;

namespace Sam.Storage.Tables;

/// <summary>A row's content as an entity: Binary properties C0 to C7, because a property holds 64 KiB. All but the last are full.</summary>
internal static class RowEntity
{
    internal const int MaxContent = ChunkSize * MaxChunks;

    private const int ChunkSize = 64 * 1024;
    private const int MaxChunks = 8;

    internal static TableEntity From(string partitionKey, string rowKey, ReadOnlyMemory<byte> content)
    {
        TableEntity entity = new(partitionKey, rowKey);
        for (int i = 0; i * ChunkSize < content.Length; i++)
        {
            int start = i * ChunkSize;
            entity[Name(i)] = content.Slice(start, Math.Min(ChunkSize, content.Length - start)).ToArray();
        }

        return entity;
    }

    /// <summary>An entity in any other form than <see cref="From"/> makes has empty content: no seal opens it, so it is seen as broken where it is used.</summary>
    internal static StoredRow ToRow(RowAddress address, TableEntity entity)
    {
        bool versioned = entity.Timestamp is not null && entity.ETag != default;
        return new StoredRow(address, versioned ? Content(entity) : default, new RowETag(entity.ETag.ToString("H")), entity.Timestamp ?? default);
    }

    private static ReadOnlyMemory<byte> Content(TableEntity entity)
    {
        List<byte[]> chunks = [];
        while (chunks.Count < MaxChunks && entity.TryGetValue(Name(chunks.Count), out object? value) && value is byte[] { Length: > 0 and <= ChunkSize } chunk)
        {
            chunks.Add(chunk);
        }

        bool exact = chunks.Count == entity.Keys.Count(IsOurs) && chunks.SkipLast(1).All(c => c.Length == ChunkSize);
        return !exact ? default
            : chunks.Count == 1 ? chunks[0]
            : chunks.SelectMany(c => c).ToArray();
    }

    private static string Name(int chunk) => $"C{chunk}";

    private static bool IsOurs(string property) =>
        property is not (nameof(ITableEntity.PartitionKey) or nameof(ITableEntity.RowKey) or nameof(ITableEntity.Timestamp))
        && !property.StartsWith("odata.", StringComparison.Ordinal);
}
