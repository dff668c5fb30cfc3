using Sam.Core.Anchoring;
using Sam.Core.Results;

namespace Sam.Core.Configuration;

/// <summary>Which settings run, which are approved, and how they came to be.</summary>
public sealed class ConfigurationRegistry
{
    private readonly DeploymentAnchor _anchor;
    private readonly RunningConfiguration? _running;

    internal ConfigurationRegistry(DeploymentAnchor anchor, RunningConfiguration? running)
    {
        _anchor = anchor;
        _running = running;
    }

    /// <summary>What this process runs with; null where its host does not say.</summary>
    public RunningConfiguration? Running => _running;

    /// <summary>What is approved; null where nothing is. Refused with NotInitialized or AnchorBroken.</summary>
    public async Task<Result<ConfigurationVersions>> ReadAsync(CancellationToken cancellationToken) =>
        (await _anchor.ReadAsync(cancellationToken)).IsRefused(out Refusal? refusal, out AnchorDocument? document)
            ? refusal
            : new ConfigurationVersions(document.Configuration is { } approved ? [View(approved)] : []);

    /// <summary>All that were ever approved, the oldest first. Refused with NotInitialized or AnchorBroken.</summary>
    public async Task<Result<ConfigurationVersions>> ReadHistoryAsync(CancellationToken cancellationToken)
    {
        if ((await _anchor.ReadAllAsync(cancellationToken)).IsRefused(out Refusal? refusal, out IReadOnlyList<AnchorDocument>? documents))
        {
            return refusal;
        }

        return new ConfigurationVersions([.. documents.Select(d => d.Configuration).OfType<ApprovedConfiguration>().DistinctBy(c => c.Version).Select(View)]);
    }

    private static ConfigurationView View(ApprovedConfiguration approved) => new(
        approved.Version,
        SecuritySettings.Parse(approved.Settings)?.Digest ?? string.Empty,
        approved.Settings,
        approved.Since,
        approved.Evidence?.Proposal,
        approved.Evidence?.Proposed.Officer,
        approved.Evidence?.Approved.Officer,
        approved.Before,
        approved.Before is null ? null : approved.BeforeUntil);
}

/// <summary>Versions of the approved settings.</summary>
/// <param name="Items">The versions; none where nothing was ever approved.</param>
public sealed record ConfigurationVersions(IReadOnlyList<ConfigurationView> Items);

/// <summary>Settings that were approved.</summary>
/// <param name="Version">1 for the first ones.</param>
/// <param name="Digest">SHA-256 over them, hexadecimal.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Since">When.</param>
/// <param name="Proposal">By which proposal; null for the first ones, which the initialisation named.</param>
/// <param name="ProposedBy">Who proposed them.</param>
/// <param name="ApprovedBy">Who approved them.</param>
/// <param name="Before">The digest of those that may run beside them for now.</param>
/// <param name="BeforeUntil">Until when.</param>
public sealed record ConfigurationView(
    long Version, string Digest, IReadOnlyList<Setting> Settings, DateTimeOffset Since, string? Proposal, string? ProposedBy, string? ApprovedBy, string? Before, DateTimeOffset? BeforeUntil);
