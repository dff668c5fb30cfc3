using System.Buffers;
using System.Text;
using System.Text.Json;
using Sam.Core.Randomness;

namespace Sam.Core.Audit;

/// <summary>The records of one group commit: what stands inside the seal of one audit row.</summary>
internal sealed class AuditBatch
{
    private const string SaltName = "Salt";
    private const string RecordsName = "Records";

    private AuditBatch(byte[] salt, IReadOnlyList<byte[]> texts)
    {
        Salt = salt;
        Texts = texts;
    }

    /// <summary>What the leaves are salted with: nobody guesses a record by its leaf.</summary>
    internal byte[] Salt { get; }

    /// <summary>The records as JSON: the bytes that the row's root is over, whoever reads them and when.</summary>
    internal IReadOnlyList<byte[]> Texts { get; }

    internal IReadOnlyList<AuditRecord> Records => [.. Texts.Select(text => JsonSerializer.Deserialize(text, AuditJson.Default.AuditRecord)!)];

    internal static AuditBatch Of(IReadOnlyList<AuditRecord> records) =>
        new(RandomSource.GetBytes(AuditFormat.HashSize), [.. records.Select(record => JsonSerializer.SerializeToUtf8Bytes(record, AuditJson.Default.AuditRecord))]);

    /// <summary>A batch as its row has it.</summary>
    internal static AuditBatch Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument batch = JsonDocument.Parse(json);
        return new AuditBatch(
            batch.RootElement.GetProperty(SaltName).GetBytesFromBase64(),
            [.. batch.RootElement.GetProperty(RecordsName).EnumerateArray().Select(record => Encoding.UTF8.GetBytes(record.GetRawText()))]);
    }

    internal byte[][] Leaves() => [.. Texts.Select((text, index) => AuditTree.Leaf(Salt, index, text))];

    internal byte[] ToJson()
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteBase64String(SaltName, Salt);
            writer.WriteStartArray(RecordsName);
            foreach (byte[] text in Texts)
            {
                writer.WriteRawValue(text, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return json.WrittenSpan.ToArray();
    }
}
