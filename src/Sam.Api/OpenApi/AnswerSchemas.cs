using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Sam.Api.OpenApi;

/// <summary>The schemas of answers, made from the types that are written: each type of ours once, under its own name. What may be null is left out of an answer, so it is not required.</summary>
internal sealed class AnswerSchemas
{
    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);
    private readonly JsonSchemaExporterOptions _options;

    internal AnswerSchemas() => _options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };

    internal JsonObject ToComponents() => new(_schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.DeepClone())));

    /// <summary>Adds a schema that no type has.</summary>
    internal JsonObject Add(string name, JsonObject schema)
    {
        _schemas[name] = schema;
        return Reference(name);
    }

    /// <summary>A reference to a type's schema, which is added with all that it needs.</summary>
    internal JsonObject Add(JsonTypeInfo type)
    {
        string name = type.Type.Name;
        if (_schemas.TryAdd(name, new JsonObject()))
        {
            _schemas[name] = type.GetJsonSchemaAsNode(_options);
        }

        return Reference(name);
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject described)
        {
            // Any JSON: what a privileged user signed, as they wrote it.
            return context.TypeInfo.Type == typeof(JsonElement) ? Reference(ChangeSchema.Name) : schema;
        }

        if (IsOurs(context.TypeInfo) && !context.Path.IsEmpty)
        {
            return Add(context.TypeInfo);
        }

        if (described["type"] is JsonArray types && types.Select(t => t!.GetValue<string>()).Where(t => t != "null").ToArray() is [string only])
        {
            described["type"] = only;
        }

        if (context.TypeInfo.Type == typeof(byte[]))
        {
            described["contentEncoding"] = "base64";
        }

        if (IsOurs(context.TypeInfo))
        {
            JsonObject members = described["properties"]!.AsObject();
            described["required"] = new JsonArray([.. context.TypeInfo.Properties.Where(p => members.ContainsKey(p.Name) && !IsNullable(p)).Select(p => JsonValue.Create(p.Name))]);
        }

        return described;
    }

    private static bool IsOurs(JsonTypeInfo type) => type.Kind == JsonTypeInfoKind.Object && type.Type.Namespace?.StartsWith("Sam.", StringComparison.Ordinal) == true;

    private static bool IsNullable(JsonPropertyInfo property) => property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;
}
