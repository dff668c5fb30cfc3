using System.Text.Json.Nodes;

namespace Sam.Api.OpenApi;

/// <summary>A member of a request's body, as the handler reads it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The name of its JSON type.</param>
/// <param name="Meaning">What it is.</param>
internal sealed record RequestMember(string Name, string Type, string Meaning)
{
    /// <summary>It may be absent or null.</summary>
    internal bool IsOptional { get; init; }

    /// <summary>The values that are allowed; null for any.</summary>
    internal IReadOnlyList<string>? Values { get; init; }

    /// <summary>It, or each item of it, is bytes in base64.</summary>
    internal bool IsBase64 { get; init; }

    /// <summary>The members of it, or of each item of it.</summary>
    internal IReadOnlyList<RequestMember>? Members { get; init; }

    internal static RequestMember Text(string name, string meaning) => new(name, "string", meaning);

    internal static RequestMember OneOf(string name, string meaning, params IReadOnlyList<string> values) => new(name, "string", meaning) { Values = values };

    internal static RequestMember Number(string name, string meaning) => new(name, "integer", meaning);

    internal static RequestMember Flag(string name, string meaning) => new(name, "boolean", meaning);

    internal static RequestMember Bytes(string name, string meaning) => new(name, "string", meaning) { IsBase64 = true };

    internal static RequestMember Texts(string name, string meaning) => new(name, "array", meaning);

    internal static RequestMember ListOfBytes(string name, string meaning) => new(name, "array", meaning) { IsBase64 = true };

    internal static RequestMember Object(string name, string meaning, params IReadOnlyList<RequestMember> members) => new(name, "object", meaning) { Members = members };

    internal static RequestMember Objects(string name, string meaning, params IReadOnlyList<RequestMember> members) => new(name, "array", meaning) { Members = members };

    internal RequestMember Optional() => this with { IsOptional = true };

    /// <summary>An object with these members. Others are ignored, unless it is closed.</summary>
    internal static JsonObject ToSchema(IReadOnlyList<RequestMember> members, bool isClosed = false)
    {
        JsonObject schema = new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.ToSchema()))),
        };
        string[] required = [.. members.Where(m => !m.IsOptional).Select(m => m.Name)];
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        if (isClosed)
        {
            schema["additionalProperties"] = false;
        }

        return schema;
    }

    private JsonObject ToSchema()
    {
        JsonObject schema = Type switch
        {
            "array" => new JsonObject { ["type"] = "array", ["items"] = Members is null ? Leaf("string") : ToSchema(Members) },
            "object" => ToSchema(Members ?? []),
            _ => Leaf(Type),
        };
        schema["description"] = Meaning;
        if (IsOptional)
        {
            // Null is as good as absent.
            schema["type"] = new JsonArray(Type, "null");
        }

        return schema;
    }

    private JsonObject Leaf(string type)
    {
        JsonObject schema = new() { ["type"] = type };
        if (type == "integer")
        {
            schema["format"] = "int32";
        }

        if (IsBase64)
        {
            schema["contentEncoding"] = "base64";
        }

        if (Values is not null)
        {
            schema["enum"] = new JsonArray([.. Values.Select(value => JsonValue.Create(value)), .. IsOptional ? new JsonNode?[] { null } : []]);
        }

        return schema;
    }
}
