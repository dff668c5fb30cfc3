using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Sam.Core.Results;

namespace Sam.Api.Pipeline;

/// <summary>
/// A request's JSON object, read strictly: types are not converted, a member named twice refuses the whole body (two readers could see two requests),
/// null is as good as absent, and members nobody asks for are ignored (CSC API 2.0 clause 7.1).
/// </summary>
public sealed class JsonBody : IDisposable
{
    private const int MaxDepth = 8;

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    private readonly JsonDocument? _document;
    private readonly JsonElement _object;

    private JsonBody(JsonDocument document, ReadOnlyMemory<byte> utf8)
    {
        _document = document;
        _object = document.RootElement;
        Utf8 = utf8;
    }

    private JsonBody(JsonElement element) => _object = element;

    /// <summary>The body as it came, byte by byte; empty for an object inside it.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Reads a body. Refused with BodyMalformed.</summary>
    public static Result<JsonBody> Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8.Span))
        {
            return SamErrorCode.BodyMalformed;
        }

        try
        {
            JsonDocument document = JsonDocument.Parse(utf8, _strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return new JsonBody(document, utf8);
            }

            document.Dispose();
            return SamErrorCode.BodyMalformed;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name with half a surrogate pair, met while looking for names that stand there twice.
            return SamErrorCode.BodyMalformed;
        }
    }

    /// <summary>True when a member of this name is there and is not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>A string, or null when it is absent. Refused with StringParameterMissing for another type.</summary>
    public Result<OptionalText> OptionalString(string name)
    {
        if (!TryGet(name, out JsonElement element))
        {
            return new OptionalText(null);
        }

        return TryGetText(element, out string? text) ? new OptionalText(text) : new Refusal(SamErrorCode.StringParameterMissing, name);
    }

    /// <summary>A string. Refused with StringParameterMissing.</summary>
    public Result<string> RequiredString(string name) =>
        TryGet(name, out JsonElement element) && TryGetText(element, out string? text)
            ? text
            : new Refusal(SamErrorCode.StringParameterMissing, name);

    /// <summary>A whole number of 32 bits. Refused with IntegerParameterMissing.</summary>
    public Result<int> RequiredInteger(string name) =>
        TryGet(name, out JsonElement element) && element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int number)
            ? number
            : new Refusal(SamErrorCode.IntegerParameterMissing, name);

    /// <summary>A whole number of 32 bits, or null when it is absent. Refused with IntegerParameterMissing for another type.</summary>
    public Result<OptionalNumber> OptionalInteger(string name)
    {
        if (!Has(name))
        {
            return new OptionalNumber(null);
        }

        return RequiredInteger(name).IsRefused(out Refusal? refusal, out int number) ? refusal : new OptionalNumber(number);
    }

    /// <summary>A Boolean. Refused with ParameterInvalid when it is absent or of another type.</summary>
    public Result<bool> RequiredBoolean(string name) => Has(name) ? OptionalBoolean(name) : new Refusal(SamErrorCode.ParameterInvalid, name);

    /// <summary>A Boolean, false when it is absent. Refused with ParameterInvalid for another type.</summary>
    public Result<bool> OptionalBoolean(string name)
    {
        if (!TryGet(name, out JsonElement element))
        {
            return false;
        }

        return element.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? element.GetBoolean()
            : new Refusal(SamErrorCode.ParameterInvalid, name);
    }

    /// <summary>An array of strings. Refused with ArrayParameterMissing under the name the API's texts use.</summary>
    public Result<IReadOnlyList<string>> RequiredStrings(string name, string? nameInTexts = null)
    {
        if (!TryGet(name, out JsonElement element) || element.ValueKind != JsonValueKind.Array)
        {
            return new Refusal(SamErrorCode.ArrayParameterMissing, nameInTexts ?? name);
        }

        List<string> texts = new(element.GetArrayLength());
        foreach (JsonElement item in element.EnumerateArray())
        {
            if (!TryGetText(item, out string? text))
            {
                return new Refusal(SamErrorCode.ArrayParameterMissing, nameInTexts ?? name);
            }

            texts.Add(text);
        }

        return texts;
    }

    /// <summary>An array of objects, empty when it is absent. Refused with ArrayParameterMissing. The objects live as long as this body.</summary>
    public Result<IReadOnlyList<JsonBody>> OptionalObjects(string name)
    {
        if (!TryGet(name, out JsonElement element))
        {
            return Result.Ok<IReadOnlyList<JsonBody>>([]);
        }

        return element.ValueKind == JsonValueKind.Array && element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? Result.Ok<IReadOnlyList<JsonBody>>([.. element.EnumerateArray().Select(item => new JsonBody(item))])
            : new Refusal(SamErrorCode.ArrayParameterMissing, name);
    }

    /// <summary>What is read from an object inside this one. Refused with ParameterInvalid when it is absent or of another type, or as the reading refuses.</summary>
    public Result<T> RequiredObject<T>(string name, Func<JsonBody, Result<T>> read)
        where T : notnull
    {
        if (!TryGet(name, out JsonElement element) || element.ValueKind != JsonValueKind.Object)
        {
            return new Refusal(SamErrorCode.ParameterInvalid, name);
        }

        using JsonBody inner = new(element);
        return read(inner);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _document?.Dispose();

    private static bool TryGetText(JsonElement element, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (element.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = element.GetString();
            return text is not null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped: no text.
            return false;
        }
    }

    private bool TryGet(string name, out JsonElement element) =>
        _object.TryGetProperty(name, out element) && element.ValueKind != JsonValueKind.Null;
}

/// <summary>A string that may be absent.</summary>
/// <param name="Value">The string, or null.</param>
public readonly record struct OptionalText(string? Value);

/// <summary>A whole number that may be absent.</summary>
/// <param name="Value">The number, or null.</param>
public readonly record struct OptionalNumber(int? Value);
