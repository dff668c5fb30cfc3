using Sam.Core.Audit;

namespace Sam.Core.Signers;

/// <summary>The one table of a signer's life: what may be done in which state, where it leads, and what the audit calls it.</summary>
internal static class SignerLife
{
    private static readonly (SignerAct Act, SignerStatus From, SignerStatus To)[] _table =
    [
        (SignerAct.Enrol, SignerStatus.Registered, SignerStatus.Active),

        // New factors for who forgot the old ones: a suspension stays.
        (SignerAct.Enrol, SignerStatus.Active, SignerStatus.Active),
        (SignerAct.Suspend, SignerStatus.Registered, SignerStatus.Suspended),
        (SignerAct.Suspend, SignerStatus.Active, SignerStatus.Suspended),
        (SignerAct.Resume, SignerStatus.Suspended, SignerStatus.Active),
        (SignerAct.Close, SignerStatus.Registered, SignerStatus.Closed),
        (SignerAct.Close, SignerStatus.Active, SignerStatus.Closed),
        (SignerAct.Close, SignerStatus.Suspended, SignerStatus.Closed),
        (SignerAct.Unlock, SignerStatus.Active, SignerStatus.Active),
        (SignerAct.Unlock, SignerStatus.Suspended, SignerStatus.Suspended),
        (SignerAct.RemoveDevice, SignerStatus.Active, SignerStatus.Active),
        (SignerAct.RemoveDevice, SignerStatus.Suspended, SignerStatus.Suspended),
        (SignerAct.Link, SignerStatus.Registered, SignerStatus.Registered),
        (SignerAct.Link, SignerStatus.Active, SignerStatus.Active),
        (SignerAct.Link, SignerStatus.Suspended, SignerStatus.Suspended),
    ];

    /// <summary>Where an act leads a signer; null where it cannot be done. Who never had factors is resumed to where they were.</summary>
    internal static SignerStatus? After(SignerAct act, SignerRow signer) =>
        Array.FindIndex(_table, line => line.Act == act && line.From == signer.Status) is >= 0 and var i
            ? act == SignerAct.Resume && signer.Pin is null ? SignerStatus.Registered : _table[i].To
            : null;

    internal static AuditEvent EventOf(SignerAct act) => act switch
    {
        SignerAct.Enrol => AuditEvent.SignerEnrolled,
        SignerAct.Suspend => AuditEvent.SignerSuspended,
        SignerAct.Resume => AuditEvent.SignerResumed,
        SignerAct.Close => AuditEvent.SignerClosed,
        SignerAct.Unlock => AuditEvent.SignerUnlocked,
        SignerAct.RemoveDevice => AuditEvent.DeviceRemoved,
        SignerAct.Link => AuditEvent.SignerClientsChanged,
        _ => throw new ArgumentOutOfRangeException(nameof(act), act, "Not an act."),
    };
}

/// <summary>What is done with a signer.</summary>
internal enum SignerAct
{
    /// <summary>The signer sets their factors, with the code and their own login.</summary>
    Enrol,

    /// <summary>An officer stops them for now.</summary>
    Suspend,

    /// <summary>An officer lets them sign again.</summary>
    Resume,

    /// <summary>An officer ends it.</summary>
    Close,

    /// <summary>An officer gives the attempts back. The PIN stays what it was.</summary>
    Unlock,

    /// <summary>An officer says which clients may act for them.</summary>
    Link,

    /// <summary>An officer takes a lost device from them.</summary>
    RemoveDevice,
}
