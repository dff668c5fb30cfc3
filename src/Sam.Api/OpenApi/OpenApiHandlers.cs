using Sam.Api.Pipeline;

namespace Sam.Api.OpenApi;

/// <summary>Hands out the description of the API. It says nothing of this deployment, so anybody may have it.</summary>
internal static class OpenApiHandlers
{
    internal const string DocumentPath = "/sam/v1/openapi.json";
    internal const string PagePath = "/sam/v1/docs";

    private static readonly byte[] _document = EmbeddedFile.Read("sam.openapi.json");

    internal static Task<SamResponse> GetDocumentAsync(SamRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<SamResponse>(new SamResponse.Body(200, "application/json;charset=UTF-8", _document));

    internal static Task<SamResponse> GetPageAsync(SamRequest request, CancellationToken cancellationToken) => Task.FromResult<SamResponse>(
        new SamResponse.Body(200, "text/html;charset=UTF-8", DocumentationPage.Content) { ContentSecurityPolicy = DocumentationPage.Policy });
}
