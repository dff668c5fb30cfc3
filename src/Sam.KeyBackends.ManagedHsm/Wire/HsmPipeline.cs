using System.Globalization;
using System.Security.Cryptography;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>Sends one request over Azure.Core's pipeline and reads its answer. It repeats nothing: that is decided above, where the failure is understood.</summary>
internal sealed class HsmPipeline : IDisposable
{
    // The longest answer is a signature of RSA-4096 with its key's name: under 1 KiB.
    private const int LongestAnswer = 16 * 1024;

    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(30);

    // Follows changes of the address, such as a failover's: its DNS entry lives 5 s (azure facts of 2026-08).
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);

    private readonly Uri _endpoint;
    private readonly HttpClient _http;
    private readonly HttpPipeline _pipeline;

    internal HsmPipeline(ManagedHsmPoolOptions pool, TokenCredential credential, ManagedHsmOptions options)
    {
        _endpoint = pool.Endpoint!;
        _http = CreateHttp(pool, options.MaxConcurrentCalls);
        PipelineOptions pipelineOptions = new() { Transport = new HttpClientTransport(_http) };

        // The SDK's own: it would send again without asking the circuit, and wait by a clock of its own.
        pipelineOptions.Retry.MaxRetries = 0;
        _pipeline = HttpPipelineBuilder.Build(
            pipelineOptions,
            perCallPolicies: [],
            perRetryPolicies: [new ChallengePolicy(credential, _endpoint.IdnHost), new AttemptClock(options.AttemptTimeout)],
            responseClassifier: null);
    }

    /// <summary>Throws what transport and credential throw.</summary>
    internal async Task<HsmAnswer> SendAsync(HsmCall call, Operation operation, CancellationTokenSource attempt)
    {
        using HttpMessage message = _pipeline.CreateMessage();
        message.BufferResponse = false;
        message.NetworkTimeout = Timeout.InfiniteTimeSpan;
        AttemptClock.Watch(message, attempt);
        Request request = message.Request;
        request.Method = call.Method;
        request.Uri.Reset(new Uri(_endpoint, call.PathAndQuery));
        request.Headers.Add(HttpHeader.Common.JsonAccept);
        if (call.Body is { } body)
        {
            request.Headers.Add(HttpHeader.Common.JsonContentType);
            request.Content = new HandOverContent(body, operation);
        }

        await _pipeline.SendAsync(message, attempt.Token);
        Response response = message.Response;
        byte[]? content = response.ContentStream is { } stream ? await ReadAsync(stream, attempt.Token) : [];
        return new HsmAnswer(response.Status, RetryAfter(response), content);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[LongestAnswer + 1];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        byte[]? content = length > LongestAnswer ? null : buffer[..length];

        // It may have been an unwrapped secret.
        CryptographicOperations.ZeroMemory(buffer);
        return content;
    }

    // In seconds, as both services write it; a date would be judged by this machine's clock.
    private static TimeSpan? RetryAfter(Response response) =>
        response.Headers.TryGetValue("Retry-After", out string? text) && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static HttpClient CreateHttp(ManagedHsmPoolOptions pool, int maxConnections)
    {
#pragma warning disable CA2000 // The client disposes the handler.
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            MaxConnectionsPerServer = maxConnections,
            PooledConnectionIdleTimeout = _idle,
            PooledConnectionLifetime = _connectionLifetime,
            UseCookies = false,
        };
#pragma warning restore CA2000
        pool.ConfigureTransport?.Invoke(handler);

        // Calls are bounded one by one; see HsmClient.
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private sealed class PipelineOptions : ClientOptions
    {
        internal PipelineOptions()
        {
            // Signing is not traced beyond this process: what is signed is nobody else's business.
            Diagnostics.IsDistributedTracingEnabled = false;
            Diagnostics.IsTelemetryEnabled = false;
            Diagnostics.IsLoggingContentEnabled = false;
        }
    }
}
