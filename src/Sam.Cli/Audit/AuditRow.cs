namespace Sam.Cli.Audit;

/// <summary>A row of the audit table, as whoever may read the table sees it. Nothing in it is trusted.</summary>
/// <param name="Partition">Its partition key.</param>
/// <param name="Row">Its row key.</param>
/// <param name="Content">Its bytes; empty where the entity has another form than the SAM writes.</param>
internal sealed record AuditRow(string Partition, string Row, byte[] Content);
