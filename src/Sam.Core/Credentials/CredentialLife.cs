using Sam.Core.Audit;

namespace Sam.Core.Credentials;

/// <summary>The one table of a credential's life: what may be done in which state, and where it leads.</summary>
internal static class CredentialLife
{
    /// <summary>Where an act leads a credential; null where it cannot be done.</summary>
    internal static CredentialStatus? After(CredentialAct act, CredentialRow row) => (act, row.Status) switch
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
        (CredentialAct.Resume, CredentialStatus.Suspended) =>
            row.Certificate is null ? CredentialStatus.AwaitingCertificate : row.IsConfirmed ? CredentialStatus.Active : CredentialStatus.Certified,
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
