using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sam.Testing.Certificates;

/// <summary>An authority's web server on loopback: lists and OCSP answers by path, that a test may exchange, count, hold back or take away.</summary>
public sealed class StubResponder : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<byte[], HttpContext, Task>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = new();

    private StubResponder(WebApplication app) => _app = app;

    /// <summary>The paths asked for so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Listens.</summary>
    public static async Task<StubResponder> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        StubResponder responder = new(builder.Build());
        responder._app.Run(responder.AnswerAsync);
        await responder._app.StartAsync();
        return responder;
    }

    /// <summary>The address of a path, as a certificate has it.</summary>
    public string AddressOf(string path) => _app.Urls.Single() + path;

    /// <summary>Lets a path answer with these bytes, made of the request's body.</summary>
    public void Serve(string path, Func<byte[], byte[]> answer) => Serve(path, (body, context) => context.Response.Body.WriteAsync(answer(body), context.RequestAborted).AsTask());

    /// <summary>Lets a path answer as it likes.</summary>
    public void Serve(string path, Func<byte[], HttpContext, Task> answer) => _answers[path] = answer;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _requests.Enqueue(path);
        if (_answers.TryGetValue(path, out Func<byte[], HttpContext, Task>? answer))
        {
            await answer(body.ToArray(), context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}
