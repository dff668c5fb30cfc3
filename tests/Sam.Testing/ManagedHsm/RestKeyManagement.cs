using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm;
using Sam.KeyBackends.ManagedHsm.Management;

namespace Sam.Testing.ManagedHsm;

/// <summary>The port of key management over plain HTTP, for the fake HSM: the SDK's package is not on every registry.</summary>
public sealed class RestKeyManagement : IKeyManagement, IDisposable
{
    private readonly HttpClient _http;
    private readonly TokenCredential _credential;
    private readonly string[] _scopes;

    /// <summary>Keys of this HSM.</summary>
    public RestKeyManagement(FakeManagedHsm hsm, TokenCredential credential)
    {
        SocketsHttpHandler handler = new();
        hsm.Redirect(handler);
        _http = new HttpClient(handler) { BaseAddress = hsm.Endpoint, Timeout = Timeout.InfiniteTimeSpan };
        _credential = credential;
        _scopes = [$"{hsm.Resource}/.default"];
    }

    /// <inheritdoc/>
    public async Task<ManagedKey> CreateAsync(KeyCreation creation, CancellationToken cancellationToken)
    {
        JsonObject body = new()
        {
            ["kty"] = creation.KeyType,
            ["key_ops"] = new JsonArray([.. creation.Operations.Select(o => JsonValue.Create(o))]),
            ["attributes"] = new JsonObject { ["enabled"] = true, ["exportable"] = false },
        };
        if (creation.SizeInBits is { } size)
        {
            body["key_size"] = size;
        }

        if (creation.Curve is { } curve)
        {
            body["crv"] = curve;
        }

        return Read(await SendAsync(HttpMethod.Post, $"keys/{creation.Name}/create", body, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<ManagedKey> GetAsync(string name, string? version, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Get, version is null ? $"keys/{name}" : $"keys/{name}/{version}", body: null, cancellationToken));

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        JsonObject deleted = await SendAsync(HttpMethod.Delete, $"keys/{name}", body: null, cancellationToken);
        return deleted["scheduledPurgeDate"]?.GetValue<long>() is { } date ? DateTimeOffset.FromUnixTimeSeconds(date) : null;
    }

    /// <inheritdoc/>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        int count = 0;
        for (string? page = "keys"; page is not null;)
        {
            JsonObject answer = await SendAsync(HttpMethod.Get, page, body: null, cancellationToken);
            count += answer["value"]!.AsArray().Count;
            page = answer["nextLink"]?.GetValue<string>();
        }

        return count;
    }

    /// <inheritdoc/>
    public async Task<ManagedKey> SetTagsAsync(string name, string version, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        Read(await SendAsync(HttpMethod.Patch, $"keys/{name}/{version}", new JsonObject { ["tags"] = JsonSerializer.SerializeToNode(tags) }, cancellationToken));

    /// <inheritdoc/>
    public async Task<ManagedKey> ImportAsync(KeyImport import, CancellationToken cancellationToken)
    {
        JsonObject key = new()
        {
            ["kty"] = import.KeyType,
            ["key_ops"] = new JsonArray([.. import.Operations.Select(o => JsonValue.Create(o))]),
            ["key_hsm"] = Base64Url.EncodeToString(import.TransferBlob.Span),
        };
        if (import.Curve is { } curve)
        {
            key["crv"] = curve;
        }

        JsonObject body = new() { ["Hsm"] = true, ["key"] = key, ["attributes"] = new JsonObject { ["enabled"] = true, ["exportable"] = false } };
        return Read(await SendAsync(HttpMethod.Put, $"keys/{import.Name}", body, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<KeyAttestation?> AttestAsync(string name, string version, CancellationToken cancellationToken)
    {
        JsonObject answer = await SendAsync(HttpMethod.Get, $"keys/{name}/{version}/attestation", body: null, cancellationToken);
        return answer["attributes"]?["attestation"] is JsonObject attestation
            ? new KeyAttestation(
                attestation["version"]!.GetValue<string>(),
                Base64Url.DecodeFromChars(attestation["certificatePemFile"]!.GetValue<string>()),
                Base64Url.DecodeFromChars(attestation["privateKeyAttestation"]!.GetValue<string>()),
                attestation["publicKeyAttestation"] is { } publicKey ? (ReadOnlyMemory<byte>?)Base64Url.DecodeFromChars(publicKey.GetValue<string>()) : null)
            : null;
    }

    /// <summary>Sends anything else that an operator might.</summary>
    public async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path.Contains('?', StringComparison.Ordinal) ? path : $"{path}?api-version=7.6");
        AccessToken token = await _credential.GetTokenAsync(new TokenRequestContext(_scopes), cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
        request.Content = body is null ? null : JsonContent(body);
        HttpResponseMessage response;
        string text;
        try
        {
            response = await _http.SendAsync(request, cancellationToken);
            text = await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw Failures.ToKeyBackendException(0, code: null, innerCode: null, failure);
        }

        using (response)
        {
            JsonObject? answer = text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : null;
            return response.IsSuccessStatusCode
                ? answer ?? []
                : throw Failures.ToKeyBackendException((int)response.StatusCode, answer?["error"]?["code"]?.GetValue<string>(), answer?["error"]?["innererror"]?["code"]?.GetValue<string>());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static ByteArrayContent JsonContent(JsonObject body)
    {
        ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static ManagedKey Read(JsonObject bundle)
    {
        JsonObject key = bundle["key"]!.AsObject();
        return new ManagedKey(
            key["kid"]!.GetValue<string>().Split('/')[^1],
            key["kty"]!.GetValue<string>(),
            [.. key["key_ops"]!.AsArray().Select(o => o!.GetValue<string>())],
            bundle["attributes"]?["exportable"]?.GetValue<bool>() ?? false,
            PublicKeyOf(key))
        {
            Tags = bundle["tags"].Deserialize<Dictionary<string, string>>() ?? [],
        };
    }

    private static byte[]? PublicKeyOf(JsonObject key)
    {
        if (key["n"] is not null)
        {
            using RSA rsa = RSA.Create(new RSAParameters { Modulus = Bytes("n"), Exponent = Bytes("e") });
            return rsa.ExportSubjectPublicKeyInfo();
        }

        if (key["x"] is not null)
        {
            ECCurve curve = key["crv"]!.GetValue<string>() switch
            {
                "P-256" => ECCurve.NamedCurves.nistP256,
                "P-384" => ECCurve.NamedCurves.nistP384,
                _ => ECCurve.NamedCurves.nistP521,
            };
            using ECDsa ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Bytes("x"), Y = Bytes("y") } });
            return ecdsa.ExportSubjectPublicKeyInfo();
        }

        return null;

        byte[] Bytes(string name) => Base64Url.DecodeFromChars(key[name]!.GetValue<string>());
    }
}
