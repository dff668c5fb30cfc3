namespace Sam.Core.Audit;

/// <summary>How the audit is made verifiable for others.</summary>
public sealed record AuditPolicy
{
    /// <summary>How often what was written since is signed by the SAM's key in the HSM, and its head told to the witness: 1 s to 1 h, or zero for never. Then nobody outside can verify.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The file that heads are written to, for somebody who keeps it away from the audit's storage; null: none.</summary>
    public string? HeadsFile { get; init; }

    /// <summary>Null when all are within their bounds.</summary>
    internal string? FindFault() =>
        CheckpointInterval != TimeSpan.Zero && (CheckpointInterval < TimeSpan.FromSeconds(1) || CheckpointInterval > TimeSpan.FromHours(1)) ? "Audit:CheckpointInterval is 1 s to 1 h, or zero."
        : HeadsFile is { } file && !Path.IsPathFullyQualified(file) ? "Audit:HeadsFile is an absolute path."
        : null;
}
