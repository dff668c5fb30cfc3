using System.Text.Json.Serialization;

namespace Sam.Cli.Audit;

/// <summary>A line of an export.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AuditRow))]
internal sealed partial class AuditRowJson : JsonSerializerContext;
