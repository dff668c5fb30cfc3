using System.Security.Cryptography;
using System.Text;

namespace Sam.Api.OpenApi;

/// <summary>The page that shows the OpenAPI document and sends requests. It is one file; the policy lets run and look only what stands in it, and speaks to nobody but this service.</summary>
internal static class DocumentationPage
{
    internal static byte[] Content { get; } = EmbeddedFile.Read("docs.html");

    /// <summary>The header <c>Content-Security-Policy</c>: script and style by their hashes.</summary>
    internal static string Policy { get; } =
        $"default-src 'none'; script-src {HashOf("script")}; style-src {HashOf("style")}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static string HashOf(string element)
    {
        string page = Encoding.UTF8.GetString(Content);
        int start = page.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        string content = page[start..page.IndexOf($"</{element}>", StringComparison.Ordinal)];
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";
    }
}
