using System.Net.Sockets;
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

    private const int MaxTries = 250;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication _app;
    private readonly HttpClient _worker;
    private readonly Action<string> _lost;

    /// <param name="worker">The worker's HTTP endpoint.</param>
    /// <param name="lost">Told of requests that the worker did not answer.</param>
    internal HttpFront(Uri worker, Action<string> lost)
    {
        _lost = lost;
        SocketsHttpHandler direct = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectCallback = ConnectAsync };
        _worker = new HttpClient(direct) { BaseAddress = worker, Timeout = TimeSpan.FromMinutes(2) };
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
            Task invoked = invoke(invocation, context);
            try
            {
                await ForwardAsync(context, invocation);
            }
            catch (Exception lost) when (lost is HttpRequestException or IOException)
            {
                // As the platform does when the worker's answer cannot be had.
                _lost($"{context.Request.Method} {context.Request.Path}: {lost}");
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }

            await invoked;
        };
        _ = methods.Count == 0 ? _app.Map(pattern, forward) : _app.MapMethods(pattern, methods, forward);
    }

    internal Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _worker.Dispose();
    }

    /// <summary>The worker calls its host before its HTTP endpoint listens: for a while, a connection that is refused is tried again, as the platform does.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused && tries < MaxTries)
            {
                socket.Dispose();
                await Task.Delay(_pause, cancellationToken);
            }
        }
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
