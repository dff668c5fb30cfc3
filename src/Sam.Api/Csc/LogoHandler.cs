using Sam.Api.Pipeline;

namespace Sam.Api.Csc;

/// <summary>The logo that <c>info</c> points to when no other is configured: a PNG of 256 by 256 (CSC API 2.0 clause 11.1).</summary>
internal static class LogoHandler
{
    internal const string Path = "/logo.png";

    private static readonly byte[] _logo = Load();

    internal static Task<SamResponse> HandleAsync(SamRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<SamResponse>(new SamResponse.Body(200, "image/png", _logo));

    private static byte[] Load()
    {
        using Stream stream = typeof(LogoHandler).Assembly.GetManifestResourceStream("logo.png")
            ?? throw new InvalidOperationException("The logo is not in the assembly.");
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
