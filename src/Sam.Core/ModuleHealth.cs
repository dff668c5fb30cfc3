namespace Sam.Core;

/// <summary>What answered when it was asked.</summary>
/// <param name="Hsm">The HSM, logged in.</param>
/// <param name="Storage">The store of signers and transactions.</param>
/// <param name="Audit">The store of the audit.</param>
public sealed record ModuleHealth(bool Hsm, bool Storage, bool Audit)
{
    /// <summary>True when requests can be served.</summary>
    public bool IsReady => Hsm && Storage && Audit;
}
