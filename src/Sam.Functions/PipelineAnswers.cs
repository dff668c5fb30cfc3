using Microsoft.AspNetCore.Http;
using Sam.Api.Pipeline;

namespace Sam.Functions;

/// <summary>The pipeline writes its answer to the HttpContext; a function returns that there is nothing more to write.</summary>
internal static class PipelineAnswers
{
    internal static async Task<IResult> AnswerAsync(this SamPipeline pipeline, HttpRequest request, string route)
    {
        await pipeline.RunAsync(request.HttpContext, route);
        return Results.Empty;
    }

    internal static async Task<IResult> AnswerUnroutedAsync(this SamPipeline pipeline, HttpRequest request)
    {
        await pipeline.RunUnroutedAsync(request.HttpContext);
        return Results.Empty;
    }
}
