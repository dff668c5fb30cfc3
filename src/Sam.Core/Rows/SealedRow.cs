namespace Sam.Core.Rows;

/// <summary>A row whose seal was opened: its content, and the version it was read or written as.</summary>
internal sealed record SealedRow<T>(T Value, RowETag ETag)
    where T : class;
