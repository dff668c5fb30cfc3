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
    private readonly SamHttp _http;

    /// <param name="address">The address of the SAM, with a trailing slash (<see cref="SamAddress"/>).</param>
    internal SamClient(Uri address) => _http = new SamHttp(address);

    internal Uri Address => _http.Address;

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
        return await SendAsync(HttpMethod.Post, "dev/token", content, null, SamJson.Default.TokenAnswer, cancellationToken);
    }

    internal Task<SamReply<DevelopmentOfficersAnswer>> DevelopmentOfficersAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "dev/officers", null, null, SamJson.Default.DevelopmentOfficersAnswer, cancellationToken);

    internal Task<SamReply<NoAnswer>> LinkAnyClientAsync(string signer, CancellationToken cancellationToken) =>
        SendAsync<NoAnswer>(HttpMethod.Post, $"dev/signers/{Uri.EscapeDataString(signer)}/any-client", null, null, null, cancellationToken);

    internal Task<SamReply<InfoAnswer>> InfoAsync(CancellationToken cancellationToken) =>
        PostAsync("csc/v2/info", new InfoRequest(), SamJson.Default.InfoRequest, null, SamJson.Default.InfoAnswer, cancellationToken);

    internal Task<SamReply<ListAnswer>> ListAsync(Secret token, ListRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/list", request, SamJson.Default.ListRequest, token, SamJson.Default.ListAnswer, cancellationToken);

    internal Task<SamReply<CredentialInfoAnswer>> CredentialInfoAsync(Secret token, CredentialInfoRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/info", request, SamJson.Default.CredentialInfoRequest, token, SamJson.Default.CredentialInfoAnswer, cancellationToken);

    internal Task<SamReply<AuthorizeAnswer>> AuthorizeAsync(Secret token, AuthorizeRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/authorize", request, SamJson.Default.AuthorizeRequest, token, SamJson.Default.AuthorizeAnswer, cancellationToken);

    /// <summary>credentials/authorize for what the signer decides on their device.</summary>
    internal Task<SamReply<HandleAnswer>> AskAsync(Secret token, AuthorizeRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/authorize", request, SamJson.Default.AuthorizeRequest, token, SamJson.Default.HandleAnswer, cancellationToken);

    internal Task<SamReply<CheckAnswer>> AuthorizeCheckAsync(Secret token, Secret handle, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/authorizeCheck", new HandleAnswer { Handle = handle }, SamJson.Default.HandleAnswer, token, SamJson.Default.CheckAnswer, cancellationToken);

    internal Task<SamReply<ChallengeAnswer>> GetChallengeAsync(Secret token, ChallengeRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/getChallenge", request, SamJson.Default.ChallengeRequest, token, SamJson.Default.ChallengeAnswer, cancellationToken);

    internal Task<SamReply<AuthorizeAnswer>> ExtendAsync(Secret token, ExtendRequest request, CancellationToken cancellationToken) =>
        PostAsync("csc/v2/credentials/extendTransaction", request, SamJson.Default.ExtendRequest, token, SamJson.Default.AuthorizeAnswer, cancellationToken);

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
        return await SendAsync(HttpMethod.Post, path, content, token, answerType, cancellationToken);
    }

    private async Task<SamReply<TAnswer>> SendAsync<TAnswer>(
        HttpMethod method, string path, HttpContent? content, Secret? token, JsonTypeInfo<TAnswer>? answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        SamHttpAnswer answer = await _http.SendAsync(method, path, content, token, [], cancellationToken);
        return answer.IsSuccess
            ? new SamReply<TAnswer>(ParseAnswer(path, answer.Body, answerType))
            : new SamReply<TAnswer>(ParseRefusal(answer.Status, answer.Body));
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
}
