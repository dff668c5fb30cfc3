using Sam.Core.Audit;

namespace Sam.Core.Credentials;

/// <summary>The one table of a credential's life: what may be done in which state, and where it leads.</summary>
internal static class CredentialLife
{
    /// <summary>What an act makes of a credential; null where it cannot be done.</summary>
    /// <param name="act">The act.</param>
    /// <param name="row">The credential as it is.</param>
    /// <param name="bySigner">Whether its signer acts, or an officer.</param>
    internal static CredentialRow? After(CredentialAct act, CredentialRow row, bool bySigner)
    {
        Suspensions own = bySigner ? Suspensions.BySigner : Suspensions.ByOfficer;
        return (act, row.Status) switch
        {
            // Each takes back what is their own: a thief who has the signer's factors undoes no officer's suspension, and no officer undoes the signer's.
            (CredentialAct.Suspend, CredentialStatus.Suspended) when !row.Suspensions.HasFlag(own) => row with { Suspensions = row.Suspensions | own },
            (CredentialAct.Resume, CredentialStatus.Suspended) => row.Suspensions.HasFlag(own) ? Lift(row, own) : null,

            // Before its first certificate a key that somebody brought is confirmed, too: the proof that it came with says that somebody holds it, and not that its signer does.
            (CredentialAct.Confirm, CredentialStatus.AwaitingCertificate) => row is { IsImported: true, IsConfirmed: false } ? row with { IsConfirmed = true } : null,
            (CredentialAct.Certify, _) when row.Certificate is null && StatusAfter(act, row) is { } first => row with { Status = first, IsConfirmed = false },
            (CredentialAct.Suspend, _) => StatusAfter(act, row) is { } stopped ? row with { Status = stopped, Suspensions = own } : null,
            _ => StatusAfter(act, row) is { } status ? row with { Status = status } : null,
        };
    }

    private static CredentialRow Lift(CredentialRow row, Suspensions own)
    {
        Suspensions others = row.Suspensions & ~own;
        CredentialStatus free = row.Certificate is null ? CredentialStatus.AwaitingCertificate : row.IsConfirmed ? CredentialStatus.Active : CredentialStatus.Certified;
        return row with { Status = others == Suspensions.None ? free : CredentialStatus.Suspended, Suspensions = others };
    }

    private static CredentialStatus? StatusAfter(CredentialAct act, CredentialRow row) => (act, row.Status) switch
    {
        (_, CredentialStatus.Destroyed) => null,
        (CredentialAct.Destroy, _) => CredentialStatus.Destroyed,
        (_, CredentialStatus.Revoked) => null,
        (CredentialAct.Revoke, _) => CredentialStatus.Revoked,

        // A new certificate is no way around a suspension, and a renewed one of a confirmed key needs no new confirmation.
        (CredentialAct.Certify, CredentialStatus.AwaitingCertificate) => CredentialStatus.Certified,
        (CredentialAct.Certify, CredentialStatus present) => present,
        (CredentialAct.Confirm, CredentialStatus.Certified) => CredentialStatus.Active,
        (CredentialAct.Suspend, CredentialStatus.AwaitingCertificate or CredentialStatus.Certified or CredentialStatus.Active) => CredentialStatus.Suspended,
        _ => null,
    };

    internal static AuditEvent EventOf(CredentialAct act) => act switch
    {
        CredentialAct.Certify => AuditEvent.CertificateSet,
        CredentialAct.Confirm => AuditEvent.CredentialConfirmed,
        CredentialAct.Suspend => AuditEvent.CredentialSuspended,
        CredentialAct.Resume => AuditEvent.CredentialResumed,
        CredentialAct.Revoke => AuditEvent.CredentialRevoked,
        CredentialAct.Destroy => AuditEvent.KeyDestroyed,
        _ => throw new ArgumentOutOfRangeException(nameof(act), act, "Not an act."),
    };
}
