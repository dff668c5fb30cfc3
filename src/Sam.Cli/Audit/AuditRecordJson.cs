using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>A record as it is printed: one line, with the row it stands in.</summary>
[JsonSerializable(typeof(PrintedRecord))]
internal sealed partial class AuditRecordJson : JsonSerializerContext
{
    private static readonly AuditRecordJson _printed = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    internal static string Print(string chain, long sequence, AuditRecord record) => JsonSerializer.Serialize(new PrintedRecord(chain, sequence, record), _printed.PrintedRecord);
}

/// <summary>A record and where it stands.</summary>
internal sealed record PrintedRecord(string Chain, long Sequence, AuditRecord Record);
