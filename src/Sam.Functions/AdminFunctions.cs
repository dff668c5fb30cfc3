using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Sam.Api.Pipeline;

namespace Sam.Functions;

/// <summary>The Admin API. Each function names its route and nothing else.</summary>
/// <remarks>Anonymous as in <see cref="CscFunctions"/>: tokens and proofs are the pipeline's matter.</remarks>
#pragma warning disable CA1515 // As in CscFunctions.
public sealed class AdminFunctions
#pragma warning restore CA1515
{
    private readonly SamPipeline _pipeline;

    /// <summary>Answers through this pipeline.</summary>
    public AdminFunctions(SamPipeline pipeline) => _pipeline = pipeline;

    /// <summary><c>GET /sam/v1/status</c>.</summary>
    [Function("sam-status")]
    public Task<IResult> StatusAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/status")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-status");

    /// <summary><c>POST /sam/v1/initialization</c>.</summary>
    [Function("sam-initialization")]
    public Task<IResult> InitializationAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/initialization")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-initialization");

    /// <summary><c>GET /sam/v1/configuration</c>.</summary>
    [Function("sam-configuration-get")]
    public Task<IResult> ConfigurationGetAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/configuration")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-configuration-get");

    /// <summary><c>GET /sam/v1/configuration/history</c>.</summary>
    [Function("sam-configuration-history")]
    public Task<IResult> ConfigurationHistoryAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/configuration/history")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-configuration-history");

    /// <summary><c>GET /sam/v1/officers</c>.</summary>
    [Function("sam-officers-list")]
    public Task<IResult> OfficersListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/officers")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-officers-list");

    /// <summary><c>POST /sam/v1/officers/enrolment</c>.</summary>
    [Function("sam-officers-enrolment")]
    public Task<IResult> OfficersEnrolmentAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/officers/enrolment")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-officers-enrolment");

    /// <summary><c>GET /sam/v1/proposals</c>.</summary>
    [Function("sam-proposals-list")]
    public Task<IResult> ProposalsListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/proposals")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-proposals-list");

    /// <summary><c>POST /sam/v1/proposals</c>.</summary>
    [Function("sam-proposals-create")]
    public Task<IResult> ProposalsCreateAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/proposals")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-proposals-create");

    /// <summary><c>GET /sam/v1/proposals/{proposal}</c>.</summary>
    [Function("sam-proposals-get")]
    public Task<IResult> ProposalsGetAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/proposals/{proposal}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-proposals-get");

    /// <summary><c>POST /sam/v1/proposals/{proposal}/approval</c>.</summary>
    [Function("sam-proposals-approval")]
    public Task<IResult> ProposalsApprovalAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/proposals/{proposal}/approval")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-proposals-approval");

    /// <summary><c>POST /sam/v1/proposals/{proposal}/withdrawal</c>.</summary>
    [Function("sam-proposals-withdrawal")]
    public Task<IResult> ProposalsWithdrawalAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/proposals/{proposal}/withdrawal")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-proposals-withdrawal");

    /// <summary><c>GET /sam/v1/audit/chains/{chain}</c>.</summary>
    [Function("sam-audit-rows")]
    public Task<IResult> AuditRowsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/audit/chains/{chain}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-audit-rows");

    /// <summary><c>GET /sam/v1/audit/chains/{chain}/rows/{sequence}/records/{index}</c>.</summary>
    [Function("sam-audit-record")]
    public Task<IResult> AuditRecordAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/audit/chains/{chain}/rows/{sequence}/records/{index}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-audit-record");

    /// <summary><c>GET /sam/v1/audit/transactions/{transaction}</c>.</summary>
    [Function("sam-audit-transaction")]
    public Task<IResult> AuditTransactionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/audit/transactions/{transaction}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-audit-transaction");

    /// <summary><c>GET /sam/v1/clients</c>.</summary>
    [Function("sam-clients-list")]
    public Task<IResult> ClientsListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/clients")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-clients-list");

    /// <summary><c>POST /sam/v1/clients/stop</c>.</summary>
    [Function("sam-clients-stop")]
    public Task<IResult> ClientsStopAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/clients/stop")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-clients-stop");

    /// <summary><c>GET /sam/v1/signers</c>.</summary>
    [Function("sam-signers-list")]
    public Task<IResult> SignersListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/signers")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-list");

    /// <summary><c>POST /sam/v1/signers</c>.</summary>
    [Function("sam-signers-create")]
    public Task<IResult> SignersCreateAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-create");

    /// <summary><c>GET /sam/v1/signers/{signer}</c>.</summary>
    [Function("sam-signers-get")]
    public Task<IResult> SignersGetAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/signers/{signer}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-get");

    /// <summary><c>PUT /sam/v1/signers/{signer}/clients</c>.</summary>
    [Function("sam-signers-clients")]
    public Task<IResult> SignersClientsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "sam/v1/signers/{signer}/clients")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-clients");

    /// <summary><c>POST /sam/v1/signers/{signer}/enrolment-code</c>.</summary>
    [Function("sam-signers-code")]
    public Task<IResult> SignersCodeAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/enrolment-code")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-code");

    /// <summary><c>POST /sam/v1/signers/{signer}/suspension</c>.</summary>
    [Function("sam-signers-suspension")]
    public Task<IResult> SignersSuspensionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/suspension")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-suspension");

    /// <summary><c>POST /sam/v1/signers/{signer}/resumption</c>.</summary>
    [Function("sam-signers-resumption")]
    public Task<IResult> SignersResumptionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/resumption")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-resumption");

    /// <summary><c>POST /sam/v1/signers/{signer}/closure</c>.</summary>
    [Function("sam-signers-closure")]
    public Task<IResult> SignersClosureAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/closure")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-closure");

    /// <summary><c>POST /sam/v1/signers/{signer}/unlocking</c>.</summary>
    [Function("sam-signers-unlocking")]
    public Task<IResult> SignersUnlockingAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/unlocking")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-unlocking");

    /// <summary><c>GET /sam/v1/signers/{signer}/credentials</c>.</summary>
    [Function("sam-credentials-list")]
    public Task<IResult> CredentialsListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/signers/{signer}/credentials")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-list");

    /// <summary><c>POST /sam/v1/signers/{signer}/credentials</c>.</summary>
    [Function("sam-credentials-create")]
    public Task<IResult> CredentialsCreateAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/credentials")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-create");

    /// <summary><c>POST /sam/v1/signers/{signer}/imports</c>.</summary>
    [Function("sam-imports-create")]
    public Task<IResult> ImportsCreateAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/imports")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-imports-create");

    /// <summary><c>POST /sam/v1/signers/{signer}/imported-credentials</c>.</summary>
    [Function("sam-imports-delivery")]
    public Task<IResult> ImportsDeliveryAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/imported-credentials")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-imports-delivery");

    /// <summary><c>POST /sam/v1/signers/{signer}/device-removal</c>.</summary>
    [Function("sam-signers-device-removal")]
    public Task<IResult> SignersDeviceRemovalAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/signers/{signer}/device-removal")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-signers-device-removal");

    /// <summary><c>GET /sam/v1/me/approvals</c>.</summary>
    [Function("sam-me-approvals")]
    public Task<IResult> MeApprovalsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/me/approvals")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-me-approvals");

    /// <summary><c>POST /sam/v1/me/approvals/{approval}</c>.</summary>
    [Function("sam-me-decision")]
    public Task<IResult> MeDecisionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/me/approvals/{approval}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-me-decision");

    /// <summary><c>GET /sam/v1/credentials/{credential}</c>.</summary>
    [Function("sam-credentials-get")]
    public Task<IResult> CredentialsGetAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/credentials/{credential}")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-get");

    /// <summary><c>PUT /sam/v1/credentials/{credential}/certificate</c>.</summary>
    [Function("sam-credentials-certificate")]
    public Task<IResult> CredentialsCertificateAsync([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "sam/v1/credentials/{credential}/certificate")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-certificate");

    /// <summary><c>POST /sam/v1/credentials/{credential}/suspension</c>.</summary>
    [Function("sam-credentials-suspension")]
    public Task<IResult> CredentialsSuspensionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/credentials/{credential}/suspension")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-suspension");

    /// <summary><c>POST /sam/v1/credentials/{credential}/resumption</c>.</summary>
    [Function("sam-credentials-resumption")]
    public Task<IResult> CredentialsResumptionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/credentials/{credential}/resumption")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-resumption");

    /// <summary><c>POST /sam/v1/credentials/{credential}/revocation</c>.</summary>
    [Function("sam-credentials-revocation")]
    public Task<IResult> CredentialsRevocationAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/credentials/{credential}/revocation")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-revocation");

    /// <summary><c>POST /sam/v1/credentials/{credential}/destruction</c>.</summary>
    [Function("sam-credentials-destruction")]
    public Task<IResult> CredentialsDestructionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/credentials/{credential}/destruction")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-destruction");

    /// <summary><c>GET /sam/v1/me</c>.</summary>
    [Function("sam-me")]
    public Task<IResult> MeAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/me")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-me");

    /// <summary><c>POST /sam/v1/me/credentials/{credential}/challenges</c>.</summary>
    [Function("sam-me-challenges")]
    public Task<IResult> MeChallengesAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/me/credentials/{credential}/challenges")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-me-challenges");

    /// <summary><c>POST /sam/v1/enrolment</c>.</summary>
    [Function("sam-enrolment")]
    public Task<IResult> EnrolmentAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/enrolment")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-enrolment");

    /// <summary><c>POST /sam/v1/me/credentials/{credential}/confirmation</c>.</summary>
    [Function("sam-me-confirmation")]
    public Task<IResult> MeConfirmationAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/me/credentials/{credential}/confirmation")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-me-confirmation");

    /// <summary><c>POST /sam/v1/me/credentials/{credential}/stops</c>.</summary>
    [Function("sam-me-stops")]
    public Task<IResult> MeStopsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/me/credentials/{credential}/stops")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-me-stops");

    /// <summary><c>POST /sam/v1/credentials/{credential}/certification-request</c>.</summary>
    [Function("sam-credentials-request")]
    public Task<IResult> CredentialsRequestAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/credentials/{credential}/certification-request")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-credentials-request");

    /// <summary><c>GET /sam/v1/identity-certificate</c>.</summary>
    [Function("sam-identity-certificate")]
    public Task<IResult> IdentityCertificateAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/identity-certificate")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-identity-certificate");
}
