namespace Sam.Core.Audit;

/// <summary>Who keeps the audit's heads, and who is told when that fails. None of it is on the path of a signature.</summary>
public sealed record AuditSurroundings
{
    /// <summary>Keeps heads; null: nobody.</summary>
    public IHeadWitness? Witness { get; init; }

    /// <summary>Told that a head was not kept. It is tried again.</summary>
    public Action<Exception>? HeadNotKept { get; init; }

    /// <summary>Told that a checkpoint was not made. It is tried again.</summary>
    public Action<Exception>? CheckpointNotMade { get; init; }
}
