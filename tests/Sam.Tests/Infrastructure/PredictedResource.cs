using System.Text.Json;

namespace Sam.Tests.Infrastructure;

/// <summary>A resource as Azure would be asked to make it. What only Azure knows stands in it as an ARM expression, in brackets.</summary>
internal sealed record PredictedResource(JsonElement Json)
{
    internal string Id => Json.GetProperty("id").GetString()!;

    internal string Type => Json.GetProperty("type").GetString()!;

    internal string Name => Json.GetProperty("name").GetString()!;

    internal string ApiVersion => Json.GetProperty("apiVersion").GetString()!;

    public override string ToString() => $"{Type[(Type.IndexOf('/', StringComparison.Ordinal) + 1)..]} {Name}";

    internal bool Is(string type) => string.Equals(Type, type, StringComparison.OrdinalIgnoreCase);

    /// <summary>A value by its path in <c>properties</c>, as text; null where there is none.</summary>
    internal string? Property(string path) => Find(path) is { } value ? value.ToString() : null;

    internal JsonElement? Find(string path)
    {
        JsonElement at = Json;
        foreach (string step in path.Split('.').Prepend("properties"))
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step, out at))
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>All texts of the resource.</summary>
    internal IEnumerable<string> Texts() => TextsOf(Json);

    private static IEnumerable<string> TextsOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(p => TextsOf(p.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(TextsOf),
        JsonValueKind.String => [json.GetString()!],
        _ => [],
    };
}
