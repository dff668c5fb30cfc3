namespace Sam.Core.Rows;

/// <summary>The answer to a conditional write.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="ETag">The new version, where it was written and is not a deletion (for a commit of several rows: unset).</param>
/// <param name="ServerDate">The store's clock when it answered; unset when in doubt.</param>
public readonly record struct RowWriteResult(RowWriteOutcome Outcome, RowETag ETag = default, DateTimeOffset ServerDate = default);
