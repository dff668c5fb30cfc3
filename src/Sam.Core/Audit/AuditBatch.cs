namespace Sam.Core.Audit;

/// <summary>The records of one group commit: what stands inside the seal of one audit row.</summary>
internal sealed record AuditBatch(IReadOnlyList<AuditRecord> Records);
