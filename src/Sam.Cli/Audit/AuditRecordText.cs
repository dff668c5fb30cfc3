using System.Text.Json.Serialization;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Records as they stand in the seals of rows. A later SAM may write more members than are known here.</summary>
[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class AuditRecordText : JsonSerializerContext;
