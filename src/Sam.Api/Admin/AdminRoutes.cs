using Sam.Api.Pipeline;
using Sam.Core.Officers;

namespace Sam.Api.Admin;

/// <summary>The routes of the Admin API.</summary>
internal static class AdminRoutes
{
    private static readonly string[] _get = ["GET"];
    private static readonly string[] _post = ["POST"];
    private static readonly string[] _put = ["PUT"];

    internal static IReadOnlyList<SamRoute> All { get; } =
    [
        // A token of this service's issuer, whoever's it is: both open HSM and storage, which a stranger must not have done for him.
        Get("sam-status", "/status", RoutePolicy.Client, InitializationHandlers.StatusAsync),
        Post("sam-initialization", "/initialization", RoutePolicy.Client, InitializationHandlers.InitializeAsync),

        Get("sam-identity-certificate", "/identity-certificate", RoutePolicy.Client, CertificationHandlers.GetIdentityAsync),

        Get("sam-officers-list", "/officers", RoutePolicy.Officer(OfficerRight.ReadRegistry), OfficerHandlers.ListAsync),
        Post("sam-officers-enrolment", "/officers/enrolment", RoutePolicy.User, OfficerHandlers.EnrolAsync),

        Get("sam-proposals-list", "/proposals", RoutePolicy.Officer(OfficerRight.ReadRegistry), ProposalHandlers.ListAsync),
        Post("sam-proposals-create", "/proposals", RoutePolicy.Officer(OfficerRight.Propose), ProposalHandlers.ProposeAsync),
        Get("sam-proposals-get", "/proposals/{proposal}", RoutePolicy.Officer(OfficerRight.ReadRegistry), ProposalHandlers.FindAsync),
        Post("sam-proposals-approval", "/proposals/{proposal}/approval", RoutePolicy.Officer(OfficerRight.Approve), ProposalHandlers.ApproveAsync),
        Act("sam-proposals-withdrawal", "/proposals/{proposal}/withdrawal", RoutePolicy.Officer(OfficerRight.Propose), ProposalHandlers.WithdrawAsync),

        Get("sam-configuration-get", "/configuration", RoutePolicy.Officer(OfficerRight.ReadRegistry), ConfigurationHandlers.ReadAsync),
        Get("sam-configuration-history", "/configuration/history", RoutePolicy.Officer(OfficerRight.ReadRegistry), ConfigurationHandlers.ReadHistoryAsync),

        Get("sam-audit-rows", "/audit/chains/{chain}", RoutePolicy.Officer(OfficerRight.ReadAudit), AuditHandlers.ListAsync),
        Get("sam-audit-record", "/audit/chains/{chain}/rows/{sequence}/records/{index}", RoutePolicy.Officer(OfficerRight.ReadAudit), AuditHandlers.FindRecordAsync),
        Get("sam-audit-transaction", "/audit/transactions/{transaction}", RoutePolicy.Officer(OfficerRight.ReadAudit), AuditHandlers.FindTransactionAsync),

        Get("sam-clients-list", "/clients", RoutePolicy.Officer(OfficerRight.ReadRegistry), ClientHandlers.ListAsync),
        Post("sam-clients-stop", "/clients/stop", RoutePolicy.Officer(OfficerRight.Propose), ClientHandlers.StopAsync),

        Get("sam-signers-list", "/signers", RoutePolicy.Officer(OfficerRight.ReadRegistry), SignerHandlers.ListAsync),
        Post("sam-signers-create", "/signers", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.RegisterAsync),
        Get("sam-signers-get", "/signers/{signer}", RoutePolicy.Officer(OfficerRight.ReadRegistry), SignerHandlers.FindAsync),
        Put("sam-signers-clients", "/signers/{signer}/clients", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.SetClientsAsync),
        Act("sam-signers-code", "/signers/{signer}/enrolment-code", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.IssueCodeAsync),
        Post("sam-signers-suspension", "/signers/{signer}/suspension", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.SuspendAsync),
        Post("sam-signers-resumption", "/signers/{signer}/resumption", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.ResumeAsync),
        Post("sam-signers-closure", "/signers/{signer}/closure", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.CloseAsync),
        Post("sam-signers-unlocking", "/signers/{signer}/unlocking", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.UnlockAsync),

        Post("sam-signers-device-removal", "/signers/{signer}/device-removal", RoutePolicy.Officer(OfficerRight.ManageSigners), SignerHandlers.RemoveDeviceAsync),

        Get("sam-credentials-list", "/signers/{signer}/credentials", RoutePolicy.Officer(OfficerRight.ReadRegistry), CredentialHandlers.ListAsync),
        Post("sam-credentials-create", "/signers/{signer}/credentials", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.CreateAsync),
        Post("sam-imports-create", "/signers/{signer}/imports", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.OfferImportAsync),
        Post("sam-imports-delivery", "/signers/{signer}/imported-credentials", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.ImportAsync),
        Get("sam-credentials-get", "/credentials/{credential}", RoutePolicy.Officer(OfficerRight.ReadRegistry), CredentialHandlers.FindAsync),
        Act("sam-credentials-request", "/credentials/{credential}/certification-request", RoutePolicy.Officer(OfficerRight.ManageKeys), CertificationHandlers.RequestAsync),
        Put("sam-credentials-certificate", "/credentials/{credential}/certificate", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.SetCertificateAsync),
        Post("sam-credentials-suspension", "/credentials/{credential}/suspension", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.SuspendAsync),
        Post("sam-credentials-resumption", "/credentials/{credential}/resumption", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.ResumeAsync),
        Post("sam-credentials-revocation", "/credentials/{credential}/revocation", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.RevokeAsync),
        Post("sam-credentials-destruction", "/credentials/{credential}/destruction", RoutePolicy.Officer(OfficerRight.ManageKeys), CredentialHandlers.DestroyAsync),

        // Factors are evaluated behind these, so they share the gate of those who authorize.
        new("sam-enrolment", _post, AdminSurface.Root + "/enrolment", RoutePolicy.User, RouteGate.Authorizing, ReadsBody: true, SignerHandlers.EnrolAsync),
        Get("sam-me", "/me", RoutePolicy.User, SignerHandlers.FindOwnAsync),
        Get("sam-me-approvals", "/me/approvals", RoutePolicy.User, ApprovalHandlers.ListAsync),
        new("sam-me-decision", _post, AdminSurface.Root + "/me/approvals/{approval}", RoutePolicy.User, RouteGate.Authorizing, ReadsBody: true, ApprovalHandlers.DecideAsync),
        new("sam-me-confirmation", _post, AdminSurface.Root + "/me/credentials/{credential}/confirmation", RoutePolicy.User, RouteGate.Authorizing, ReadsBody: true, OwnHandlers.ConfirmAsync),
        Post("sam-me-challenges", "/me/credentials/{credential}/challenges", RoutePolicy.User, OwnHandlers.ChallengeAsync) with { IsUrgent = true },
        new SamRoute("sam-me-stops", _post, AdminSurface.Root + "/me/credentials/{credential}/stops", RoutePolicy.User, RouteGate.Authorizing, ReadsBody: true, OwnHandlers.StopAsync) with { IsUrgent = true },
    ];

    private static SamRoute Get(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _get, AdminSurface.Root + path, policy, RouteGate.Administering, ReadsBody: false, handler);

    private static SamRoute Post(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _post, AdminSurface.Root + path, policy, RouteGate.Administering, ReadsBody: true, handler);

    private static SamRoute Put(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _put, AdminSurface.Root + path, policy, RouteGate.Administering, ReadsBody: true, handler);

    /// <summary>A POST that says all by its address.</summary>
    private static SamRoute Act(string name, string path, RoutePolicy policy, RouteHandler handler) =>
        new(name, _post, AdminSurface.Root + path, policy, RouteGate.Administering, ReadsBody: false, handler);
}
