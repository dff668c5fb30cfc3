using Sam.Core.Officers;

namespace Sam.Core.Configuration;

/// <summary>The settings that two security officers approved, as the anchored document holds them.</summary>
/// <param name="Version">1 for those that the deployment was initialised with.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Since">When they were approved, by the store's clock.</param>
/// <param name="Evidence">Who wanted them, and who agreed; null for the first ones, which the deployment's one-time secret named.</param>
/// <param name="Before">The digest of the ones before, while they may run beside these; null otherwise.</param>
/// <param name="BeforeUntil">Until when.</param>
internal sealed record ApprovedConfiguration(long Version, IReadOnlyList<Setting> Settings, DateTimeOffset Since, ChangeEvidence? Evidence, string? Before, DateTimeOffset BeforeUntil)
{
    /// <summary>So long both may run: what runs is exchanged process by process, after the approval.</summary>
    private static readonly TimeSpan _rollout = TimeSpan.FromHours(1);

    private string Digest => SecuritySettings.Parse(Settings)?.Digest ?? string.Empty;

    internal static ApprovedConfiguration Begin(SecuritySettings settings, DateTimeOffset now) => new(1, settings.Items, now, Evidence: null, Before: null, BeforeUntil: default);

    /// <summary>Those that follow. What is changed because it is dangerous is changed at once.</summary>
    internal static ApprovedConfiguration Next(ApprovedConfiguration? before, IReadOnlyList<Setting> settings, bool atOnce, ChangeEvidence? evidence, DateTimeOffset now) => new(
        (before?.Version ?? 0) + 1, settings, now, evidence, atOnce ? null : before?.Digest, now + _rollout);

    /// <summary>Whether a process may run with settings of this digest.</summary>
    internal bool Allows(string digest, DateTimeOffset now) => digest == Digest || (digest == Before && now < BeforeUntil);
}
