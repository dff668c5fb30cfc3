using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sam.Testing.OpenApi;

/// <summary>
/// Judges JSON by a JSON Schema (2020-12), as far as our document uses it: a keyword that is not known here is a fault of the document. It is stricter than the standard in one thing:
/// a member that no schema declares is a fault.
/// </summary>
internal sealed class SchemaCheck
{
    private readonly JsonElement _document;
    private readonly List<string> _faults;
    private readonly bool _ignoresStrangers;

    private SchemaCheck(JsonElement document, List<string> faults, bool ignoresStrangers)
    {
        _ignoresStrangers = ignoresStrangers;
        _document = document;
        _faults = faults;
    }

    /// <summary>What is wrong with a value; nothing for one that fits.</summary>
    internal static IReadOnlyList<string> Faults(JsonElement document, JsonElement schema, JsonElement value, bool ignoresStrangers = false)
    {
        List<string> faults = [];
        new SchemaCheck(document, faults, ignoresStrangers).Check(schema, value, "$");
        return faults;
    }

    /// <summary>What a reference stands for; anything else is itself.</summary>
    internal static JsonElement Resolve(JsonElement document, JsonElement element) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out JsonElement reference)
        ? Resolve(document, reference.GetString()!.Split('/')[1..].Aggregate(document, (found, name) => found.GetProperty(name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))))
        : element;

    private void Check(JsonElement schema, JsonElement value, string at)
    {
        HashSet<string> declared = new(StringComparer.Ordinal);
        Apply(schema, value, at, declared);
        if (value.ValueKind == JsonValueKind.Object && !_ignoresStrangers)
        {
            _faults.AddRange(value.EnumerateObject().Where(m => !declared.Contains(m.Name)).Select(m => $"{at}.{m.Name} is not declared"));
        }
    }

    private void Apply(JsonElement schema, JsonElement value, string at, HashSet<string> declared)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            switch (keyword.Name)
            {
                case "$ref":
                    Apply(Resolve(_document, schema), value, at, declared);
                    break;
                case "allOf":
                    keyword.Value.EnumerateArray().ToList().ForEach(each => Apply(each, value, at, declared));
                    break;
                case "anyOf" or "oneOf":
                    Choose(keyword, value, at, declared);
                    break;
                case "properties":
                    Members(keyword.Value, value, at, declared);
                    break;
                case "required":
                    Fail(
                        value.ValueKind == JsonValueKind.Object && keyword.Value.EnumerateArray().Any(name => !value.TryGetProperty(name.GetString()!, out _)),
                        at, $"lacks one of {keyword.Value.GetRawText()}");
                    break;
                case "additionalProperties":
                    Fail(
                        value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any(m => !schema.GetProperty("properties").TryGetProperty(m.Name, out _)),
                        at, "has a member more");
                    break;
                case "items":
                    foreach ((int i, JsonElement item) in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Index() : [])
                    {
                        Check(keyword.Value, item, $"{at}[{i}]");
                    }

                    break;
                case "description" or "default":
                    break;
                default:
                    Fail(!Fits(keyword.Name, keyword.Value, value), at, $"{Short(value)} does not fit {keyword.Name} {keyword.Value.GetRawText()}");
                    break;
            }
        }
    }

    private void Members(JsonElement properties, JsonElement value, string at, HashSet<string> declared)
    {
        foreach (JsonProperty member in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [])
        {
            if (properties.TryGetProperty(member.Name, out JsonElement schema))
            {
                declared.Add(member.Name);
                Check(schema, member.Value, $"{at}.{member.Name}");
            }
        }
    }

    private void Choose(JsonProperty choice, JsonElement value, string at, HashSet<string> declared)
    {
        int fitting = 0;
        foreach (JsonElement branch in choice.Value.EnumerateArray())
        {
            List<string> faults = [];
            HashSet<string> names = new(StringComparer.Ordinal);
            new SchemaCheck(_document, faults, _ignoresStrangers).Apply(branch, value, at, names);
            if (faults.Count == 0)
            {
                fitting++;
                declared.UnionWith(names);
            }
        }

        Fail(fitting == 0 || (choice.Name == "oneOf" && fitting > 1), at, $"{Short(value)} fits {fitting} of {choice.Name}");
    }

    /// <summary>Keywords that look at one value; each leaves other types alone.</summary>
    private static bool Fits(string keyword, JsonElement wanted, JsonElement value) => keyword switch
    {
        "type" => wanted.ValueKind == JsonValueKind.Array ? wanted.EnumerateArray().Any(t => IsOfType(t.GetString()!, value)) : IsOfType(wanted.GetString()!, value),
        "enum" => wanted.EnumerateArray().Any(each => JsonElement.DeepEquals(each, value)),
        "const" => JsonElement.DeepEquals(wanted, value),
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, wanted.GetString()!, RegexOptions.ECMAScript),
        "contentEncoding" => value.ValueKind != JsonValueKind.String || value.TryGetBytesFromBase64(out _),
        "format" => wanted.GetString() switch
        {
            "date-time" => value.ValueKind != JsonValueKind.String || DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _),
            "int32" => value.ValueKind != JsonValueKind.Number || value.TryGetInt32(out _),
            _ => throw new NotSupportedException($"Format {wanted.GetRawText()} is not known here."),
        },
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= wanted.GetDecimal(),
        "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() <= wanted.GetDecimal(),
        "minLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length >= wanted.GetInt32(),
        "maxLength" => value.ValueKind != JsonValueKind.String || value.GetString()!.Length <= wanted.GetInt32(),
        _ => throw new NotSupportedException($"Keyword {keyword} is not known here."),
    };

    private static bool IsOfType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number) && number == decimal.Truncate(number),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"Type {type} is not known here."),
    };

    /// <summary>A value may be a secret: only what tells kinds apart is printed.</summary>
    private static string Short(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null ? value.GetRawText() : value.ValueKind.ToString();

    private void Fail(bool isFault, string at, string what)
    {
        if (isFault)
        {
            _faults.Add($"{at} {what}");
        }
    }
}
