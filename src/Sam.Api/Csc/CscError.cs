using System.Text.Json.Serialization;

namespace Sam.Api.Csc;

/// <summary>The error body (CSC API 2.0 clause 10.1).</summary>
internal sealed record CscError(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("error_description"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Description);
