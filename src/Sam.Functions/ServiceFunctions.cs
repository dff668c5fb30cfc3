using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Sam.Api.Pipeline;

namespace Sam.Functions;

/// <summary>What is not the CSC API: logo, health, the API's description, and whatever no route takes.</summary>
#pragma warning disable CA1515 // As in CscFunctions.
public sealed class ServiceFunctions
#pragma warning restore CA1515
{
    private readonly SamPipeline _pipeline;

    /// <summary>Answers through this pipeline.</summary>
    public ServiceFunctions(SamPipeline pipeline) => _pipeline = pipeline;

    /// <summary>The logo that <c>info</c> names.</summary>
    [Function("logo")]
    public Task<IResult> LogoAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "logo.png")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "logo");

    /// <summary>Is the process alive?</summary>
    [Function("healthz")]
    public Task<IResult> LiveAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "healthz");

    /// <summary>Can it serve?</summary>
    [Function("readyz")]
    public Task<IResult> ReadyAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "readyz")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "readyz");

    /// <summary>The description of the API.</summary>
    [Function("sam-openapi")]
    public Task<IResult> OpenApiAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/openapi.json")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-openapi");

    /// <summary>The page that shows it.</summary>
    [Function("sam-docs")]
    public Task<IResult> DocsAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "sam/v1/docs")] HttpRequest request) =>
        _pipeline.AnswerAsync(request, "sam-docs");

    /// <summary>Any method, any path that no other function takes: the platform's own 404 has no body.</summary>
    [Function("unrouted")]
    public Task<IResult> UnroutedAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) =>
        _pipeline.AnswerUnroutedAsync(request);
}
