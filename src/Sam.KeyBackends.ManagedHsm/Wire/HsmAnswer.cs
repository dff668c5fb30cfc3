using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Sam.KeyBackends.ManagedHsm.Keys;

namespace Sam.KeyBackends.ManagedHsm.Wire;

/// <summary>One answer, and the two things that are read from it: a value, or the codes of an error. What is not exactly as documented is broken.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="RetryAfter">How long to wait before the next attempt, where it says so.</param>
/// <param name="Body">The body; null if it was longer than any that this API has.</param>
internal sealed record HsmAnswer(int Status, TimeSpan? RetryAfter, byte[]? Body)
{
    /// <summary>The <c>value</c> of a key operation's result; null if the answer is broken or another key's.</summary>
    internal byte[]? ReadValue(HsmKeyName key) => ReadValueOf(key);

    /// <summary>The <c>value</c> of a result that belongs to no key.</summary>
    internal byte[]? ReadValue() => ReadValueOf(key: null);

    internal void Clear() => CryptographicOperations.ZeroMemory(Body);

    /// <summary>The codes of <c>{"error": {"code", "innererror": {"code"}}}</c>; null where they are missing, or the body is something else.</summary>
    internal (string? Code, string? InnerCode) ReadError()
    {
        try
        {
            using JsonDocument body = JsonDocument.Parse(Body ?? ReadOnlyMemory<byte>.Empty);
            return body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object
                ? (CodeOf(error), error.TryGetProperty("innererror", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? CodeOf(inner) : null)
                : (null, null);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private byte[]? ReadValueOf(HsmKeyName? key)
    {
        byte[]? value = null;
        bool keyIsRight = key is null;
        try
        {
            // By hand, because the value may be a secret: a parsed document would keep it as a string that nobody can clear.
            Utf8JsonReader reader = new(Body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isValue = reader.ValueTextEquals("value"u8);
                bool isKid = reader.ValueTextEquals("kid"u8);
                _ = reader.Read();
                if (isValue && value is null && reader is { TokenType: JsonTokenType.String, ValueIsEscaped: false })
                {
                    value = Base64Url.DecodeFromUtf8(reader.ValueSpan);
                }
                else if (isKid && key is not null && reader.TokenType == JsonTokenType.String)
                {
                    keyIsRight = Uri.TryCreate(reader.GetString(), UriKind.Absolute, out Uri? kid) && kid.AbsolutePath == '/' + key.Path;
                }
                else
                {
                    reader.Skip();
                }
            }

            return keyIsRight && reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? value : null;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? CodeOf(JsonElement error) =>
        error.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.String ? code.GetString() : null;
}
