using System.Text.Json.Serialization;
using Sam.Core.Encryption;

namespace Sam.Cli.Factors;

/// <summary>What is encrypted.</summary>
internal sealed class EnteredFactors
{
    [JsonPropertyName("statement")]
    public required string Statement { get; init; }

    [JsonPropertyName("PIN")]
    public Secret? Pin { get; init; }

    [JsonPropertyName("OTP")]
    public Secret? OneTimePassword { get; init; }
}

/// <summary>The JSON of a page.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EnteredFactors))]
[JsonSerializable(typeof(FactorKeySet))]
internal sealed partial class PageJson : JsonSerializerContext;
