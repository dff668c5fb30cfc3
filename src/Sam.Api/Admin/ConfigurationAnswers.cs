using Sam.Core.Configuration;

namespace Sam.Api.Admin;

/// <summary>The settings that the answering process runs with, and those that two security officers approved.</summary>
/// <param name="Running">Those of the process that answers.</param>
/// <param name="Approved">Absent while none is.</param>
internal sealed record ConfigurationAnswer(RunningAnswer? Running, ApprovedAnswer? Approved);

/// <summary>What a process runs with.</summary>
/// <param name="Digest">SHA-256 over the settings, hexadecimal.</param>
/// <param name="Enforced">Whether it signs only while these are approved.</param>
/// <param name="Settings">The settings, by name.</param>
internal sealed record RunningAnswer(string Digest, bool Enforced, IReadOnlyList<Setting> Settings);

/// <summary>Settings that were approved.</summary>
/// <param name="Version">1 for the first ones.</param>
/// <param name="Digest">SHA-256 over them, hexadecimal.</param>
/// <param name="Since">When they were approved.</param>
/// <param name="Proposal">By which proposal; absent for the first ones, which the initialisation named.</param>
/// <param name="ProposedBy">Who proposed them.</param>
/// <param name="ApprovedBy">Who approved them.</param>
/// <param name="Before">The digest of those that may run beside them for now.</param>
/// <param name="BeforeUntil">Until when.</param>
/// <param name="Settings">The settings, by name.</param>
internal sealed record ApprovedAnswer(
    long Version, string Digest, DateTimeOffset Since, string? Proposal, string? ProposedBy, string? ApprovedBy, string? Before, DateTimeOffset? BeforeUntil, IReadOnlyList<Setting> Settings)
{
    internal static ApprovedAnswer Of(ConfigurationView view) =>
        new(view.Version, view.Digest, view.Since, view.Proposal, view.ProposedBy, view.ApprovedBy, view.Before, view.BeforeUntil, view.Settings);
}

/// <summary>All versions of the approved settings, the oldest first.</summary>
internal sealed record ConfigurationsAnswer(IReadOnlyList<ApprovedAnswer> Items);
