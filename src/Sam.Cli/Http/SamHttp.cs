using System.Net.Http.Headers;

namespace Sam.Cli.Http;

/// <summary>The way to a SAM. One that cannot be reached is a <see cref="CommandFailure"/>; whatever it answers is for its caller to read.</summary>
internal sealed class SamHttp : IDisposable
{
    private const int LongestAnswer = 1024 * 1024;

    private readonly HttpClient _http;

    /// <param name="address">The address of the SAM, with a trailing slash (<see cref="SamAddress"/>).</param>
    internal SamHttp(Uri address)
    {
        Address = address;

        // A redirect would carry PIN and SAD to wherever it points. A proxy has no business between two programs of one machine.
#pragma warning disable CA2000 // the client disposes its handler
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !address.IsLoopback }, disposeHandler: true)
#pragma warning restore CA2000
        {
            BaseAddress = address,
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    internal Uri Address { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>The whole answer.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">Below the address.</param>
    /// <param name="content">The body; null for none.</param>
    /// <param name="token">The bearer token; null for none.</param>
    /// <param name="headers">What else goes along, as it is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    internal async Task<SamHttpAnswer> SendAsync(
        HttpMethod method, string path, HttpContent? content, Secret? token, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        }

        foreach ((string name, string value) in headers)
        {
            _ = message.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using HttpResponseMessage response = await _http.SendAsync(message, cancellationToken);
            return new SamHttpAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), response.Headers.ETag?.ToString());
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure($"No SAM answers at {Address} ({Printable.OneLine(Innermost(e).Message)}). Is it up? ./dev up", innerException: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailure($"The SAM at {Address} did not answer {path} within {_http.Timeout.TotalSeconds} s.", innerException: e);
        }
    }

    private static Exception Innermost(Exception e) => e.InnerException is null ? e : Innermost(e.InnerException);
}
