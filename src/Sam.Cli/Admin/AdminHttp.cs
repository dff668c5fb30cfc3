using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sam.Cli.Http;
using Sam.Core.Officers;

namespace Sam.Cli.Admin;

/// <summary>
/// The Admin API's side of a SAM, for as many users as ask: sends, and signs what privileged users send (header <c>Sam-Proof</c>). The deployment's id, which every proof names, is asked for once.
/// </summary>
internal sealed class AdminHttp(Uri address, TimeProvider clock) : IDisposable
{
    private const string Root = "sam/v1/";

    private readonly SamHttp _http = new(address);
    private string? _deployment;

    internal Uri Address => _http.Address;

    public void Dispose() => _http.Dispose();

    /// <summary>Sends a request.</summary>
    /// <param name="request">What, by whom.</param>
    /// <param name="type">The answer's type; null where there is no body, which is an answer of <see cref="NoAnswer"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    internal async Task<SamReply<AdminAnswer<T>>> SendAsync<T>(AdminRequest request, JsonTypeInfo<T>? type, CancellationToken cancellationToken)
        where T : class
    {
        List<(string, string)> headers = [];
        if (request.IfMatch is not null)
        {
            headers.Add(("If-Match", request.IfMatch));
        }

        if (request.IdempotencyKey is not null)
        {
            headers.Add(("Idempotency-Key", request.IdempotencyKey));
        }

        if (request.IsProved)
        {
            headers.Add(("Sam-Proof", await ProveAsync(request, cancellationToken)));
        }

        using ByteArrayContent? content = request.Body is null ? null : new ByteArrayContent(request.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        SamHttpAnswer answer = await _http.SendAsync(request.Method, Root + request.Path, content, request.User.Token, headers, cancellationToken);
        return answer.IsSuccess ? new SamReply<AdminAnswer<T>>(Parse(request, answer, type)) : new SamReply<AdminAnswer<T>>(ParseRefusal(answer));
    }

    private async Task<string> ProveAsync(AdminRequest request, CancellationToken cancellationToken)
    {
        if (request.User.Key is not { } key)
        {
            throw new CommandFailure("This is for privileged users: their key is wanted.", ExitCodes.Usage);
        }

        if (_deployment is null)
        {
            AdminRequest status = new(request.User, HttpMethod.Get, "status");
            _deployment = (await SendAsync(status, AdminJson.Default.StatusRecord, cancellationToken)).OrFail().Value.Deployment;
        }

        return new ProofClaims(
            _deployment,
            request.Method.Method,
            new Uri(_http.Address, Root + request.Path).PathAndQuery,
            ProofClaims.HashOf(Encoding.ASCII.GetBytes(request.User.Token.Reveal())),
            ProofClaims.HashOf(request.Body),
            ProofClaims.NewId(),
            clock.GetUtcNow().ToUnixTimeSeconds(),
            request.IfMatch,
            request.IdempotencyKey).Sign(key);
    }

    private AdminAnswer<T> Parse<T>(AdminRequest request, SamHttpAnswer answer, JsonTypeInfo<T>? type)
        where T : class
    {
        if (type is null)
        {
            return new AdminAnswer<T>((T)(object)NoAnswer.Instance, JsonElement.Parse("{}"), answer.ETag);
        }

        try
        {
            JsonElement json = JsonElement.Parse(answer.Body);
            return new AdminAnswer<T>(json.Deserialize(type) ?? throw new JsonException(), json, answer.ETag);
        }
        catch (JsonException e)
        {
            // The exception's own text may quote the answer, and the answer may hold a code.
            throw new CommandFailure($"The answer of {_http.Address}{Root}{request.Path} is not what the API says (at {Printable.OneLine(e.Path ?? "$")}).");
        }
    }

    private static SamRefusal ParseRefusal(SamHttpAnswer answer)
    {
        ProblemRecord? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(answer.Body, AdminJson.Default.ProblemRecord);
        }
        catch (JsonException)
        {
            // Not a SAM's own answer (a proxy's page, say). The status says all there is.
        }

        return string.IsNullOrEmpty(problem?.Code) ? new SamRefusal(answer.Status, $"HTTP {answer.Status}", string.Empty)
            : new SamRefusal(answer.Status, problem.Code, problem.Parameter is null ? problem.Title ?? string.Empty : $"{problem.Title} ({problem.Parameter})");
    }
}
