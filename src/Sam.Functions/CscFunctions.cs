using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Sam.Api.Pipeline;

namespace Sam.Functions;

/// <summary>The CSC API. A function names its route and nothing else: what a request needs, the pipeline does.</summary>
/// <remarks>Anonymous, all of them: whoever calls proves who they are by a bearer token, which the pipeline checks by the route's policy. A function key would be one more secret, and of nobody in particular.</remarks>
#pragma warning disable CA1515 // The worker's generated code calls public classes directly, and others by reflection: that would be paid at each cold start.
public sealed class CscFunctions
#pragma warning restore CA1515
{
    private readonly SamPipeline _pipeline;

    /// <summary>Answers through this pipeline.</summary>
    public CscFunctions(SamPipeline pipeline) => _pipeline = pipeline;

    /// <summary><c>info</c>.</summary>
    [Function("v2-info")]
    public Task<IResult> InfoAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", "get", Route = "csc/v2/info")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-info");

    /// <summary><c>credentials/list</c>.</summary>
    [Function("v2-credentials-list")]
    public Task<IResult> CredentialsListAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/credentials/list")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-credentials-list");

    /// <summary><c>credentials/info</c>.</summary>
    [Function("v2-credentials-info")]
    public Task<IResult> CredentialsInfoAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/credentials/info")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-credentials-info");

    /// <summary><c>credentials/authorize</c>.</summary>
    [Function("v2-credentials-authorize")]
    public Task<IResult> CredentialsAuthorizeAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/credentials/authorize")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-credentials-authorize");

    /// <summary><c>credentials/authorizeCheck</c>.</summary>
    [Function("v2-credentials-authorizeCheck")]
    public Task<IResult> CredentialsAuthorizeCheckAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/credentials/authorizeCheck")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-credentials-authorizeCheck");

    /// <summary><c>credentials/getChallenge</c>.</summary>
    [Function("v2-credentials-getChallenge")]
    public Task<IResult> CredentialsGetChallengeAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/credentials/getChallenge")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-credentials-getChallenge");

    /// <summary><c>credentials/extendTransaction</c>.</summary>
    [Function("v2-credentials-extendTransaction")]
    public Task<IResult> CredentialsExtendTransactionAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/credentials/extendTransaction")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-credentials-extendTransaction");

    /// <summary><c>signatures/signHash</c>.</summary>
    [Function("v2-signatures-signHash")]
    public Task<IResult> SignaturesSignHashAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "csc/v2/signatures/signHash")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "v2-signatures-signHash");
}
