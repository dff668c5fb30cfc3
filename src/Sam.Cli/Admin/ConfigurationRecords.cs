using Sam.Core.Configuration;

namespace Sam.Cli.Admin;

/// <summary>What the answering SAM runs with, and what is approved.</summary>
internal sealed record ConfigurationRecord(RunningSettingsRecord? Running = null, ApprovedSettingsRecord? Approved = null);

internal sealed record RunningSettingsRecord(string Digest, bool Enforced, IReadOnlyList<Setting> Settings);

internal sealed record ApprovedSettingsRecord(
    long Version,
    string Digest,
    DateTimeOffset Since,
    IReadOnlyList<Setting> Settings,
    string? Proposal = null,
    string? ProposedBy = null,
    string? ApprovedBy = null,
    string? Before = null,
    DateTimeOffset? BeforeUntil = null);
