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

    /// <summary><c>GET /sam/v1/clients</c>.</summary>
    [Function("sam-clients-list")]
    public Task<IResult> ClientsListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/clients")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-clients-list");

    /// <summary><c>POST /sam/v1/clients/stop</c>.</summary>
    [Function("sam-clients-stop")]
    public Task<IResult> ClientsStopAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "sam/v1/clients/stop")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-clients-stop");
}
