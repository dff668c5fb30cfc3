namespace Sam.Core.Audit;

/// <summary>How the audit is made verifiable for others.</summary>
public sealed record AuditPolicy
{
    /// <summary>How often what was written since is signed by the SAM's key in the HSM, and its head told to the witness: 1 s to 1 h, or zero for never. Then nobody outside can verify.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The file that heads are written to, for somebody who keeps it away from the audit's storage; null: none.</summary>
    public string? HeadsFile { get; init; }

    /// <summary>The blob container that heads are written to, https, where the host can; null: none. Where its policy is locked, nobody takes a head back.</summary>
    public Uri? HeadsContainer { get; init; }

    /// <summary>Null when all are within their bounds.</summary>
    internal string? FindFault() =>
        CheckpointInterval != TimeSpan.Zero && (CheckpointInterval < TimeSpan.FromSeconds(1) || CheckpointInterval > TimeSpan.FromHours(1)) ? "Audit:CheckpointInterval is 1 s to 1 h, or zero."
        : HeadsContainer is { } container && (!container.IsAbsoluteUri || container.Scheme != Uri.UriSchemeHttps) ? "Audit:HeadsContainer is an https address."
        : HeadsContainer is not null && HeadsFile is not null ? "Set Audit:HeadsFile or Audit:HeadsContainer: one witness."
        : HeadsFile is { } file && !Path.IsPathFullyQualified(file) ? "Audit:HeadsFile is an absolute path."
        : null;
}
