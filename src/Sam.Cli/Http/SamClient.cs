using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sam.Cli.Http;

/// <summary>
/// A SAM over HTTP. What the SAM refuses is a value (<see cref="SamReply{T}"/>); a SAM that cannot be reached, or that answers
/// something else than its API says, is a <see cref="CommandFailure"/>.
/// </summary>
internal sealed class SamClient : IDisposable
{
    private const int LongestAnswer = 1024 * 1024;

    private readonly HttpClient _http;

    /// <param name="address">The address of the SAM, with a trailing slash (<see cref="SamAddress"/>).</param>
    internal SamClient(Uri address)
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

    internal async Task<SamReply<TokenAnswer>> TokenAsync(string client, string? role, string? subject, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> form = [new("grant_type", "client_credentials"), new("client_id", client)];
        if (role is not null)
        {
            form.Add(new("role", role));
        }

        if (subject is not null)
        {
            form.Add(new("sub", subject));
        }

        using var content = new FormUrlEncodedContent(form);
        return await SendAsync("dev/token", content, null, SamJson.Default.TokenAnswer, cancellationToken);
    }

    internal Task<SamReply<SignerAnswer>> SignerAsync(SignerRequest request, CancellationToken cancellationToken) =>
        PostAsync("dev/signers", request, SamJson.Default.SignerRequest, null, SamJson.Default.SignerAnswer, cancellationToken);

    internal Task<SamReply<CredentialAnswer>> CredentialAsync(CredentialRequest request, CancellationToken cancellationToken) =>
        PostAsync("dev/credentials", request, SamJson.Default.CredentialRequest, null, SamJson.Default.CredentialAnswer, cancellationToken);

    internal Task<SamReply<NoAnswer>> CertificateAsync(CertificateRequestBody request, CancellationToken cancellationToken) =>
        PostAsync<CertificateRequestBody, NoAnswer>("dev/credentials/certificate", request, SamJson.Default.CertificateRequestBody, null, null, cancellationToken);

    internal Task<SamReply<InfoAnswer>> InfoAsync(CancellationToken cancellationToken) =>
        PostAsync("csc/v2/info", new InfoRequest(), SamJson.Default.InfoRequest, null, SamJson.Default.InfoAnswer, cancellationToken);

    internal Task<SamReply<ListAnswer>> ListAsync(Secret token, ListRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/list", request, SamJson.Default.ListRequest, token, SamJson.Default.ListAnswer, cancellationToken);

    internal Task<SamReply<CredentialInfoAnswer>> CredentialInfoAsync(Secret token, CredentialInfoRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/info", request, SamJson.Default.CredentialInfoRequest, token, SamJson.Default.CredentialInfoAnswer, cancellationToken);

    internal Task<SamReply<AuthorizeAnswer>> AuthorizeAsync(Secret token, AuthorizeRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/authorize", request, SamJson.Default.AuthorizeRequest, token, SamJson.Default.AuthorizeAnswer, cancellationToken);

    internal Task<SamReply<SignHashAnswer>> SignHashAsync(Secret token, SignHashRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/signatures/signHash", request, SamJson.Default.SignHashRequest, token, SamJson.Default.SignHashAnswer, cancellationToken);

    private async Task<SamReply<TAnswer>> PostAsync<TRequest, TAnswer>(
        string path,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        Secret? token,
        JsonTypeInfo<TAnswer>? answerType,
        CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, requestType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(path, content, token, answerType, cancellationToken);
    }

    private async Task<SamReply<TAnswer>> SendAsync<TAnswer>(
        string path, HttpContent content, Secret? token, JsonTypeInfo<TAnswer>? answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        if (token is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        }

        try
        {
            using HttpResponseMessage response = await _http.SendAsync(message, cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? new SamReply<TAnswer>(ParseAnswer(path, body, answerType))
                : new SamReply<TAnswer>(ParseRefusal((int)response.StatusCode, body));
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

    private TAnswer ParseAnswer<TAnswer>(string path, byte[] body, JsonTypeInfo<TAnswer>? type)
        where TAnswer : class
    {
        if (type is null)
        {
            return (TAnswer)(object)NoAnswer.Instance;
        }

        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            // The exception's own text may quote the answer, and the answer may hold a SAD.
            throw new CommandFailure($"The answer of {Address}{path} is not what the API says (at {Printable.OneLine(e.Path ?? "$")}).");
        }
    }

    private static SamRefusal ParseRefusal(int status, byte[] body)
    {
        ErrorAnswer? answer = null;
        try
        {
            answer = JsonSerializer.Deserialize(body, SamJson.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            // Not a SAM's own answer (a proxy's page, say). The status says all there is.
        }

        return string.IsNullOrEmpty(answer?.Error)
            ? new SamRefusal(status, $"HTTP {status}", string.Empty)
            : new SamRefusal(status, answer.Error, answer.ErrorDescription ?? string.Empty);
    }

    private static Exception Innermost(Exception e) => e.InnerException is null ? e : Innermost(e.InnerException);
}
