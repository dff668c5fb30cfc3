namespace Sam.Core.Audit;

/// <summary>A row of a chain with its seal opened.</summary>
/// <param name="Sequence">Its number in the chain.</param>
/// <param name="Digest">SHA-256 of the content as it stands in the table, hexadecimal: by it, whoever exported and verified the raw rows knows that these are their records.</param>
/// <param name="Records">The records, in order.</param>
public sealed record OpenedRow(long Sequence, string Digest, IReadOnlyList<AuditRecord> Records);
