namespace Sam.Core.Audit;

/// <summary>What the sealed row of a transaction says of its present SAD.</summary>
/// <param name="IsKept">Whether there is a row: an old one is purged.</param>
/// <param name="Operation">The operation that spent the SAD; null for none.</param>
/// <param name="SpentAt">When, by the store's clock.</param>
public sealed record AuditedTransaction(bool IsKept, string? Operation = null, DateTimeOffset? SpentAt = null);
