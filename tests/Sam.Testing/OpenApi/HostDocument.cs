using System.Runtime.CompilerServices;
using Xunit;

namespace Sam.Testing.OpenApi;

/// <summary>The OpenAPI document that a host hands out itself.</summary>
internal static class HostDocument
{
    private static readonly ConditionalWeakTable<HttpClient, Lazy<Task<ApiDocument>>> _documents = [];

    /// <summary>Asked for once.</summary>
    internal static Task<ApiDocument> OfAsync(HttpClient http) => _documents.GetValue(http, host => new Lazy<Task<ApiDocument>>(() => GetAsync(host))).Value;

    private static async Task<ApiDocument> GetAsync(HttpClient http) =>
        ApiDocument.Parse(await http.GetByteArrayAsync(new Uri("sam/v1/openapi.json", UriKind.Relative), TestContext.Current.CancellationToken));
}
