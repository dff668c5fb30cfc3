namespace Sam.Core.Rows;

/// <summary>A row as the store returned it. Nothing in it is trusted before its seal has been opened.</summary>
/// <param name="Address">Where it was read.</param>
/// <param name="Content">Its bytes, as they were written.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Timestamp">When the store wrote it, by the store's clock; no client can set it.</param>
public sealed record StoredRow(RowAddress Address, ReadOnlyMemory<byte> Content, RowETag ETag, DateTimeOffset Timestamp);
