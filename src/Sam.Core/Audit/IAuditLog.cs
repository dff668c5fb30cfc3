namespace Sam.Core.Audit;

/// <summary>The audit log (SYS-4). No audit, no signature: whoever releases something awaits its record first.</summary>
public interface IAuditLog
{
    /// <summary>True since the store last failed, until a record is durable again: then there is no use in beginning what needs a record to end.</summary>
    bool IsFailing { get; }

    /// <summary>
    /// Returns when the record is durable, with the head of its chain after the row that holds it. The caller's hanging up does not take a record back, hence no token; the wait is bounded by the log itself.
    /// </summary>
    /// <exception cref="AuditUnavailableException">
    /// The record is not durable in time. It stays queued and may still be written; what it speaks of must not be released.
    /// </exception>
    Task<ChainHead> AppendAsync(AuditRecord record);
}
