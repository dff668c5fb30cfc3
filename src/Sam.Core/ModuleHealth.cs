using Sam.Core.Randomness;

namespace Sam.Core;

/// <summary>What answered when it was asked; null for what was not asked, because something before it was away.</summary>
/// <param name="Hsm">The HSM, logged in.</param>
/// <param name="Storage">The store of signers and transactions.</param>
/// <param name="Audit">The store of the audit.</param>
public sealed record ModuleHealth(bool? Hsm, bool? Storage, bool? Audit)
{
    /// <summary>Random numbers are good enough. Once they are not, they stay so until the process ends.</summary>
    public bool Randomness { get; } = RandomSource.IsSound;

    /// <summary>Whether the settings are approved; null where they need not be, or were not asked for.</summary>
    public bool? Configuration { get; init; }

    /// <summary>True when requests can be served.</summary>
    public bool IsReady => Hsm is true && Storage is true && Audit is true && Configuration is not false && Randomness;
}
