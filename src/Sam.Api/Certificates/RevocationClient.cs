using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Sam.Core.Certificates;
using X509Certificate = Org.BouncyCastle.X509.X509Certificate;

namespace Sam.Api.Certificates;

/// <summary>
/// Asks OCSP responders and, when none gives an answer that can be believed, reads CRLs. Not through X509Chain's online mode: measured on Linux, it follows redirects, blocks a thread for as long as an authority hangs
/// (each time anew), and keeps a CRL on disk until its nextUpdate, so that what is revoked in these days stays good.
/// </summary>
internal sealed class RevocationClient : IRevocationSource, IDisposable
{
    /// <summary>The longest answer, in bytes.</summary>
    internal const int MaxAnswer = 2 * 1024 * 1024;

    private readonly CertificatePolicy _policy;
    private readonly TimeProvider _clock;
    private readonly ILogger<RevocationClient> _logger;

    // An address was vouched for by the anchor that its certificate leads to; where it redirects to was not.
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
    private readonly HttpClient _http;

    public RevocationClient(CertificatePolicy policy, TimeProvider clock, ILogger<RevocationClient> logger)
    {
        _policy = policy;
        _clock = clock;
        _logger = logger;
        _http = new HttpClient(_handler, disposeHandler: false) { MaxResponseContentBufferSize = MaxAnswer, Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    public async Task<RevocationAnswer> AskAsync(ReadOnlyMemory<byte> certificate, ReadOnlyMemory<byte> issuer, DateTimeOffset time, CancellationToken cancellationToken)
    {
        X509Certificate subject, authority;
        RevocationAddresses addresses;
        try
        {
            subject = new X509Certificate(certificate.ToArray());
            authority = new X509Certificate(issuer.ToArray());
            addresses = RevocationAddresses.Of(subject);
        }
#pragma warning disable CA1031 // The library throws what it likes on malformed extensions; nowhere to ask is what they mean.
        catch (Exception malformed)
#pragma warning restore CA1031
        {
            Log.AddressesUnreadable(_logger, malformed);
            return RevocationAnswer.None;
        }

        // A responder that hangs leaves their share to the others.
        TimeSpan share = _policy.RevocationTimeout / Math.Max(1, addresses.Ocsp.Count + addresses.Crl.Count);
        foreach (Uri address in addresses.Ocsp)
        {
            OcspExchange exchange = new(subject, authority);
            if (await AskAsync(address, exchange.Encode(), share, response => exchange.Read(response, time, _policy.RequireOcspNonce), cancellationToken) is { Status: not RevocationStatus.Unknown } answer)
            {
                return answer;
            }
        }

        foreach (Uri address in addresses.Crl)
        {
            if (await AskAsync(address, null, share, response => RevocationList.Read(response, subject, authority, address, time), cancellationToken) is { Status: not RevocationStatus.Unknown } answer)
            {
                return answer;
            }
        }

        return RevocationAnswer.None;
    }

    private async Task<RevocationAnswer> AskAsync(Uri address, byte[]? question, TimeSpan patience, Func<byte[], RevocationAnswer> read, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(patience, _clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using HttpRequestMessage request = new(question is null ? HttpMethod.Get : HttpMethod.Post, address);
            if (question is not null)
            {
                request.Content = new ByteArrayContent(question);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/ocsp-request");
            }

            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                Log.RevocationRefused(_logger, address, (int)response.StatusCode);
                return RevocationAnswer.None;
            }

            RevocationAnswer answer = read(await response.Content.ReadAsByteArrayAsync(either.Token));
            if (answer.Status == RevocationStatus.Unknown)
            {
                Log.RevocationNotBelieved(_logger, address);
            }

            return answer;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Sockets, time-outs, sizes, and whatever foreign bytes do to their parser: it is no answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.RevocationUnavailable(_logger, failure, address);
            return RevocationAnswer.None;
        }
    }
}
