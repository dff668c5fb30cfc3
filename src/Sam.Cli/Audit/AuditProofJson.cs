using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sam.Cli.Audit;

/// <summary>A proof as a file. It has one spelling: what is written another way is no proof, so that no byte of it can be changed.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    WriteIndented = true,
    NewLine = "\n",
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AuditProof))]
internal sealed partial class AuditProofJson : JsonSerializerContext
{
    internal static byte[] Write(AuditProof proof) => [.. JsonSerializer.SerializeToUtf8Bytes(proof, Default.AuditProof), (byte)'\n'];

    /// <summary>Null for what is no proof in its one spelling.</summary>
    internal static AuditProof? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return JsonSerializer.Deserialize(file, Default.AuditProof) is { } proof && file.SequenceEqual(Write(proof)) ? proof : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
