using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Sam.Functions.Tests.Host;

/// <summary>
/// What clients talk to: takes a request by the routes of the functions, and forwards it to the worker's own HTTP endpoint under the id of an invocation, as the platform does.
/// </summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private const string InvocationHeader = "x-ms-invocation-id";

    // Of one connection, and not of the request.
    private static readonly HashSet<string> _hopByHop = new(StringComparer.OrdinalIgnoreCase) { "Host", "Connection", "Transfer-Encoding", "Keep-Alive", InvocationHeader };

    private readonly WebApplication _app;
    private readonly HttpClient _worker;

    /// <param name="worker">The worker's HTTP endpoint.</param>
    internal HttpFront(Uri worker)
    {
        _worker = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = worker, Timeout = TimeSpan.FromMinutes(2) };
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");

        // No limit of its own: the worker's is what is tested.
        builder.WebHost.ConfigureKestrel((KestrelServerOptions kestrel) => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
    }

    /// <summary>Its address.</summary>
    internal Uri Address => new(_app.Urls.Single());

    /// <summary>Maps a function: each request is forwarded while it is invoked under the same id.</summary>
    internal void Map(string pattern, IReadOnlyList<string> methods, Func<string, HttpContext, Task> invoke)
    {
        RequestDelegate forward = async context =>
        {
            string invocation = Guid.NewGuid().ToString();
            await Task.WhenAll(invoke(invocation, context), ForwardAsync(context, invocation));
        };
        _ = methods.Count == 0 ? _app.Map(pattern, forward) : _app.MapMethods(pattern, methods, forward);
    }

    internal Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _worker.Dispose();
    }

    private async Task ForwardAsync(HttpContext context, string invocation)
    {
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), context.Request.GetEncodedPathAndQuery());
        request.Content = context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody
            ? new StreamContent(context.Request.Body)
            : new ByteArrayContent([]);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
        {
            if (!_hopByHop.Contains(name) && !name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
                && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        request.Headers.Add(InvocationHeader, invocation);
        request.Headers.Add("X-Forwarded-For", $"{context.Connection.RemoteIpAddress}");
        request.Headers.Add("X-Forwarded-Host", context.Request.Host.Value);
        request.Headers.Add("X-Forwarded-Proto", context.Request.Scheme);
        using HttpResponseMessage response = await _worker.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            if (!_hopByHop.Contains(name))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
