using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sam.Testing.Authentication;

/// <summary>
/// An identity provider's public side, on loopback: documents by path, that a test may exchange, count, hold back or take away.
/// It issues nothing; tokens are signed by the <see cref="TokenKey"/>s whose public halves it shows.
/// </summary>
public sealed class StubAuthority : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<JsonNode>> _documents = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = new();

    private StubAuthority(WebApplication app) => _app = app;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>The keys that its key set shows.</summary>
    public IList<TokenKey> Keys { get; } = [];

    /// <summary>Whether every request is answered 500.</summary>
    public bool IsDown { get; set; }

    /// <summary>What every request waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The paths asked for so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>An OpenID Connect issuer named by its own address.</summary>
    public static async Task<StubAuthority> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        StubAuthority authority = new(builder.Build());
        authority._app.Run(authority.AnswerAsync);
        await authority._app.StartAsync();
        authority.Serve("/.well-known/openid-configuration", () => authority.Metadata(authority.Address, "/keys"));
        authority.Serve("/keys", authority.KeySet);
        return authority;
    }

    /// <summary>Lets a path give a document, made anew for each request.</summary>
    public void Serve(string path, Func<JsonNode> document) => _documents[path] = document;

    /// <summary>Lets the stub stand for a tenant of Entra ID: the metadata of both versions, and the keys.</summary>
    public void ServeEntraId(string tenant)
    {
        const string Cloud = "https://login.microsoftonline.com";
        string keys = $"/{tenant}/discovery/v2.0/keys";
        Serve($"/{tenant}/v2.0/.well-known/openid-configuration", () => Metadata($"{Cloud}/{tenant}/v2.0", keys, Cloud));
        Serve($"/{tenant}/.well-known/openid-configuration", () => Metadata($"https://sts.windows.net/{tenant}/", keys, Cloud));
        Serve(keys, KeySet);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private JsonObject Metadata(string issuer, string keys, string? address = null) => new()
    {
        ["issuer"] = issuer,
        ["jwks_uri"] = (address ?? Address) + keys,
        ["token_endpoint"] = (address ?? Address) + "/token",
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
    };

    private JsonObject KeySet() => new() { ["keys"] = new JsonArray([.. Keys.Select(key => key.ToJwk())]) };

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        _requests.Enqueue(path);
        await Gate;
        if (IsDown || !_documents.TryGetValue(path, out Func<JsonNode>? document))
        {
            context.Response.StatusCode = IsDown ? StatusCodes.Status500InternalServerError : StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(document().ToJsonString());
    }
}
