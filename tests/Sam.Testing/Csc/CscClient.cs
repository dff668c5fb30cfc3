using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Testing.OpenApi;
using Xunit;

namespace Sam.Testing.Csc;

/// <summary>A signature creation application in a test: one access token, and the API's methods.</summary>
public sealed class CscClient
{
    private readonly HttpClient _http;
    private readonly string? _token;

    /// <summary>A client with a token, or with none.</summary>
    public CscClient(HttpClient http, string? token)
    {
        _http = http;
        _token = token;
    }

    /// <summary>The same client at another address of the SAM.</summary>
    public CscClient At(HttpClient http) => new(http, _token);

    /// <summary>Sends a body as it is given.</summary>
    public async Task<CscReply> SendAsync(HttpMethod method, string path, HttpContent? content, string? authorization = null, string? idempotencyKey = null)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative)) { Content = content };
        if ((authorization ?? (_token is null ? null : $"Bearer {_token}")) is { } header)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Authorization", header));
        }

        if (idempotencyKey is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey));
        }

        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        (await HostDocument.OfAsync(_http)).Holds(new RecordedExchange(
            method.Method,
            $"/{path.Split('?')[0].TrimStart('/')}",

            // What was refused may have been a stream, which is gone.
            content is null || !response.IsSuccessStatusCode ? default : await content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            [.. response.Headers.Select(h => h.Key)],
            Encoding.UTF8.GetBytes(text))
        {
            HasStrangers = true,
        });
        return new CscReply((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, text);
    }

    /// <summary>Calls a method of the API.</summary>
    public Task<CscReply> PostAsync(string method, object body, string? idempotencyKey = null) => PostTextAsync(method, JsonSerializer.Serialize(body), idempotencyKey);

    /// <summary>Calls a method of the API with a body that need not be JSON.</summary>
    public async Task<CscReply> PostTextAsync(string method, string body, string? idempotencyKey = null)
    {
        using StringContent content = new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await SendAsync(HttpMethod.Post, $"csc/v2/{method}", content, idempotencyKey: idempotencyKey);
    }

    /// <summary>credentials/authorize for these digests, with the signer's right PIN unless another is given.</summary>
    public Task<CscReply> AuthorizeAsync(TestCredential credential, IReadOnlyList<byte[]> digests, string? pin = null, int? numSignatures = null, string? hashAlgorithm = null) =>
        PostAsync("credentials/authorize", new
        {
            credentialID = credential.Id,
            numSignatures = numSignatures ?? digests.Count,
            hashes = digests.Select(Convert.ToBase64String),
            hashAlgorithmOID = hashAlgorithm ?? HashAlgorithm.Sha256.Oid,
            authData = new[] { new { id = "PIN", value = pin ?? credential.Signer.Pin } },
        });

    /// <summary>A SAD for these digests.</summary>
    public async Task<string> GetSadAsync(TestCredential credential, params IReadOnlyList<byte[]> digests) => (await AuthorizeAsync(credential, digests)).Sad;

    /// <summary>signatures/signHash, with the first algorithm of the key unless another is given.</summary>
    public Task<CscReply> SignHashAsync(TestCredential credential, string sad, IReadOnlyList<byte[]> digests, SignatureAlgorithm? algorithm = null, string? idempotencyKey = null) =>
        PostAsync("signatures/signHash", new
        {
            credentialID = credential.Id,
            SAD = sad,
            hashes = digests.Select(Convert.ToBase64String),
            signAlgo = (algorithm ?? SignatureAlgorithm.All.First(a => a.Fits(credential.Algorithm))).Oid,
            signAlgoParams = algorithm?.Scheme == SignatureScheme.RsaPss ? Convert.ToBase64String(PssParameters.Encode(algorithm)) : null,
        }, idempotencyKey);
}
