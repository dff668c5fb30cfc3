using System.Text.Json.Serialization;

namespace Sam.Core.Audit;

/// <summary>The JSON inside the seals of audit rows. What does not apply to a record takes no room in it.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class AuditJson : JsonSerializerContext;
