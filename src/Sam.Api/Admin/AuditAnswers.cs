using Sam.Core.Audit;

namespace Sam.Api.Admin;

/// <summary>Rows of one chain, opened, in order.</summary>
/// <param name="Items">The rows.</param>
/// <param name="OwnKeys">The SAM's own keys in the HSM, whose uses are nobody's signatures.</param>
/// <param name="Next">What <c>page</c> is for the next ones; absent where no row is known to follow.</param>
internal sealed record AuditRowsAnswer(IReadOnlyList<OpenedRow> Items, IReadOnlyList<string> OwnKeys, string? Next);

/// <summary>What a transaction's row says of its present SAD.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Kept">Whether there is a row: an old one is purged.</param>
/// <param name="Operation">The operation that spent the SAD; absent for none.</param>
/// <param name="SpentAt">When.</param>
internal sealed record AuditedTransactionAnswer(string Transaction, bool Kept, string? Operation, DateTimeOffset? SpentAt);
