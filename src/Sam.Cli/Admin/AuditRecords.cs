using Sam.Core.Audit;

namespace Sam.Cli.Admin;

/// <summary>Rows of one chain of the audit, opened by the SAM.</summary>
internal sealed record OpenedRowsRecord(IReadOnlyList<OpenedRow> Items, IReadOnlyList<string> OwnKeys, string? Next = null);

/// <summary>What a transaction's row says of its present SAD.</summary>
internal sealed record AuditedTransactionRecord(string Transaction, bool Kept, string? Operation = null, DateTimeOffset? SpentAt = null);
