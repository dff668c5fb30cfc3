namespace Sam.Core.Audit;

/// <summary>
/// A place outside the audit's storage that keeps heads and from which they cannot be taken back. With it, the rows of a dead process that no checkpoint covers cannot be rewritten
/// or cut off unnoticed, up to the last head that it keeps.
/// </summary>
public interface IHeadWitness
{
    /// <summary>Returns when the head is kept. What fails is tried again, with a newer head; so one that is kept twice must do no harm.</summary>
    Task KeepAsync(ChainHead head, CancellationToken cancellationToken);
}
