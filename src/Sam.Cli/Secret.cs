using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sam.Cli;

/// <summary>A PIN, a SAD or an access token: a text that cannot print itself. It leaves by <see cref="Reveal"/> and in request bodies only.</summary>
[JsonConverter(typeof(Converter))]
internal sealed class Secret(string value)
{
    internal string Reveal() => value;

    public override string ToString() => "(secret)";

    internal sealed class Converter : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("A string was expected."));

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.Reveal());
    }
}
