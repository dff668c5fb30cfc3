using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sam.Testing.Tables;

/// <summary>One request at the proxy, and what can be done with it.</summary>
public sealed class TableExchange
{
    private static readonly HashSet<string> _perConnection = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Host" };

    private readonly HttpContext _context;
    private readonly HttpClient _service;
    private readonly Uri _address;
    private readonly byte[] _body;
    private readonly CancellationToken _stopping;

    internal TableExchange(HttpContext context, TableRequest request, byte[] body, HttpClient service, Uri upstream, CancellationToken stopping)
    {
        _context = context;
        _service = service;
        _body = body;
        _stopping = stopping;
        Request = request;

        // As it came: the signature covers the path, and escaping it anew could change it.
        _address = new Uri(upstream.GetLeftPart(UriPartial.Authority) + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    /// <summary>The request.</summary>
    public TableRequest Request { get; }

    /// <summary>Its body.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>Sends it to the service. The client's giving up does not stop it: what is on its way arrives.</summary>
    public async Task<TableAnswer> ForwardAsync()
    {
        using HttpRequestMessage message = new(new HttpMethod(Request.Method), _address);

        // An empty body, too: a request without one may be sent twice by the handler.
        message.Content = new ByteArrayContent(_body);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in _context.Request.Headers)
        {
            if (!_perConnection.Contains(name) && !message.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                _ = message.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using HttpResponseMessage response = await _service.SendAsync(message, _stopping);
        return new TableAnswer(
            (int)response.StatusCode,
            [.. Flatten(response.Headers), .. Flatten(response.Content.Headers)],
            await response.Content.ReadAsByteArrayAsync(_stopping));
    }

    /// <summary>Answers the client.</summary>
    public async Task AnswerAsync(TableAnswer answer)
    {
        WriteHead(answer);
        if (!answer.Body.IsEmpty)
        {
            await _context.Response.Body.WriteAsync(answer.Body, _stopping);
        }
    }

    /// <summary>Breaks the connection.</summary>
    public void Reset() => _context.Abort();

    /// <summary>Closes the connection without an answer: the client reads its end, not an error.</summary>
    public Task CloseAsync()
    {
        _context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.Shutdown(SocketShutdown.Send);
        return WaitUntilGivenUpAsync();
    }

    /// <summary>Answers the client for good, though the exchange goes on: its next request must take another connection, or it would wait for this one.</summary>
    internal async Task AnswerAndGoOnAsync(TableAnswer answer)
    {
        _context.Response.Headers.Connection = "close";
        await AnswerAsync(answer);
        await _context.Response.CompleteAsync();
    }

    /// <summary>Sends the service the first half of the request, head and body taken together, and closes.</summary>
    internal async Task ForwardHalfAsync()
    {
        IEnumerable<string> head =
        [
            $"{Request.Method} {Request.Target} HTTP/1.1",
            $"Host: {_address.Authority}",
            $"Content-Length: {_body.Length}",
            .. _context.Request.Headers.Where(h => !_perConnection.Contains(h.Key)).Select(h => $"{h.Key}: {h.Value}"),
        ];
        byte[] whole = [.. Encoding.ASCII.GetBytes(string.Join("\r\n", head) + "\r\n\r\n"), .. _body];
        using TcpClient service = new();
        await service.ConnectAsync(_address.Host, _address.Port, _stopping);
        await service.GetStream().WriteAsync(whole.AsMemory(0, whole.Length / 2), _stopping);
    }

    internal async Task TruncateAsync(TableAnswer answer)
    {
        WriteHead(answer);
        await _context.Response.Body.WriteAsync(answer.Body[..(answer.Body.Length / 2)], _stopping);
        await _context.Response.Body.FlushAsync(_stopping);
        Reset();
    }

    internal Task DelayAsync(TimeSpan delay) => Task.Delay(delay, _stopping);

    internal Task WaitAtAsync(TableBarrier barrier) => barrier.ArriveAsync().WaitAsync(_stopping);

    internal async Task WaitUntilGivenUpAsync()
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_context.RequestAborted, _stopping);
        await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Reset();
    }

    private static IEnumerable<KeyValuePair<string, string>> Flatten(HttpHeaders headers) =>
        headers.NonValidated.SelectMany(h => h.Value.Select(value => new KeyValuePair<string, string>(h.Key, value)));

    private void WriteHead(TableAnswer answer)
    {
        _context.Response.StatusCode = answer.Status;
        foreach ((string name, string value) in answer.Headers)
        {
            if (!_perConnection.Contains(name))
            {
                _context.Response.Headers.Append(name, value);
            }
        }

        if (!answer.Body.IsEmpty)
        {
            _context.Response.ContentLength = answer.Body.Length;
        }
    }
}
