using Microsoft.AspNetCore.Http;
using Sam.Api.Pipeline;
using Sam.Testing.OpenApi;
using Sam.Tests.Architecture;

namespace Sam.Tests.Pipeline;

/// <summary>Holds every exchange of the tests' beds against the OpenAPI document: what it does not describe fails the test that sent it.</summary>
internal static class RecordedTraffic
{
    private static readonly Lazy<ApiDocument> _document = new(() => ApiDocument.Parse(File.ReadAllBytes(Repository.PathOf("src/Sam.Api/OpenApi/sam.openapi.json"))));

    internal static void Check(HttpContext context, CountedBody body, bool hasStrangers = false)
    {
        HttpResponse response = context.Response;
        if (!RouteTable.All.Any(r => PathTemplate.IsMatch(r.Path, context.Request.Path)) || context.RequestAborted.IsCancellationRequested)
        {
            // An address that is no route or one that a test has brought, or a client that is gone: nothing was answered.
            return;
        }

        _document.Value.Holds(new RecordedExchange(
            context.Request.Method,
            context.Request.Path.Value!,
            body.Content,
            response.StatusCode,
            response.ContentType?.Split(';')[0],
            [.. response.Headers.Keys],
            ((MemoryStream)response.Body).ToArray())
        {
            HasStrangers = hasStrangers,
        });
    }
}
