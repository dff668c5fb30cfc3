using Sam.Api.Pipeline;

namespace Sam.Api.OpenApi;

/// <summary>Hands out the description of the API. It says nothing of this deployment, so anybody may have it.</summary>
internal static class OpenApiHandlers
{
    internal const string DocumentPath = "/sam/v1/openapi.json";

    private static readonly byte[] _document = Load("sam.openapi.json");

    internal static Task<SamResponse> GetDocumentAsync(SamRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<SamResponse>(new SamResponse.Body(200, "application/json;charset=UTF-8", _document));

    private static byte[] Load(string name)
    {
        using Stream stream = typeof(OpenApiHandlers).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
