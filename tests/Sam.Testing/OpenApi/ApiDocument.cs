using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Sam.Testing.OpenApi;

/// <summary>An OpenAPI document that traffic is held against: what a host does and the document does not say is a fault, and so is a request that was taken and is not described.</summary>
public sealed class ApiDocument
{
    // Headers that say something of the answer; the others belong to the connection.
    private static readonly string[] _told = ["ETag", "Location", "Retry-After", "WWW-Authenticate"];

    // What the pipeline answers when no route takes a request.
    private static readonly int[] _unrouted = [404, 405, 501];

    private readonly JsonElement _document;
    private readonly (string[] Template, JsonElement Operations)[] _paths;

    private ApiDocument(JsonElement document)
    {
        _document = document;
        _paths = [.. document.GetProperty("paths").EnumerateObject().Select(p => (p.Name.Split('/'), p.Value))];
    }

    /// <summary>Reads a document.</summary>
    public static ApiDocument Parse(ReadOnlySpan<byte> utf8) => new(JsonElement.Parse(utf8));

    /// <summary>Fails the test when the document does not describe this.</summary>
    public void Holds(RecordedExchange exchange)
    {
        IReadOnlyList<string> faults = Faults(exchange);
        Assert.True(faults.Count == 0, $"{exchange.Method} {exchange.Path}, {exchange.Status}: the OpenAPI document says otherwise: {string.Join("; ", faults)}");
    }

    /// <summary>What the document does not describe.</summary>
    public IReadOnlyList<string> Faults(RecordedExchange exchange)
    {
        if (Find(exchange.Method, exchange.Path) is not { } operation)
        {
            return _unrouted.Contains(exchange.Status) ? [] : ["no such operation"];
        }

        if (!operation.GetProperty("responses").TryGetProperty(exchange.Status.ToString(CultureInfo.InvariantCulture), out JsonElement response))
        {
            return ["no such status"];
        }

        response = SchemaCheck.Resolve(_document, response);
        List<string> faults = [.. Headers(response, exchange), .. Content(response, exchange)];
        if (exchange.Status < 300 && operation.TryGetProperty("requestBody", out JsonElement request))
        {
            JsonElement schema = request.GetProperty("content").GetProperty("application/json").GetProperty("schema");
            faults.AddRange(SchemaCheck.Faults(_document, schema, JsonElement.Parse(exchange.Body.Span), exchange.HasStrangers).Select(f => $"request: {f}"));
        }

        return faults;
    }

    private JsonElement? Find(string method, string path)
    {
        string[] parts = path.Split('/');
        foreach ((string[] template, JsonElement operations) in _paths)
        {
            bool isIt = template.Length == parts.Length
                && template.Zip(parts).All(p => p.First is ['{', ..] ? p.Second.Length > 0 : string.Equals(p.First, p.Second, StringComparison.OrdinalIgnoreCase));
#pragma warning disable CA1308 // OpenAPI spells methods in small letters.
            if (isIt && operations.TryGetProperty(method.ToLowerInvariant(), out JsonElement operation))
#pragma warning restore CA1308
            {
                return operation;
            }
        }

        return null;
    }

    private static IEnumerable<string> Headers(JsonElement response, RecordedExchange exchange)
    {
        string[] declared = response.TryGetProperty("headers", out JsonElement headers) ? [.. headers.EnumerateObject().Select(h => h.Name)] : [];
        string[] sent = [.. _told.Where(name => exchange.Headers.Contains(name, StringComparer.OrdinalIgnoreCase))];

        // One status may have codes that are worth a retry and others that are not.
        return sent.Except(declared).Select(name => $"header {name} is not declared")
            .Concat(declared.Except(sent).Where(name => name != "Retry-After").Select(name => $"header {name} is missing"));
    }

    private IReadOnlyList<string> Content(JsonElement response, RecordedExchange exchange)
    {
        if (!response.TryGetProperty("content", out JsonElement content))
        {
            return exchange.Answer.Length == 0 ? [] : ["no content is declared"];
        }

        return !content.TryGetProperty(exchange.MediaType ?? string.Empty, out JsonElement media) ? [$"media type {exchange.MediaType} is not declared"]
            : media.TryGetProperty("schema", out JsonElement schema) ? SchemaCheck.Faults(_document, schema, JsonElement.Parse(exchange.Answer.Span))
            : [];
    }
}
