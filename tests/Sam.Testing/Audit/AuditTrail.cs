using System.Text.Json;
using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Testing.Audit;

/// <summary>Reads the audit as its owner can, who has the data key.</summary>
internal static class AuditTrail
{
    /// <summary>The records of these rows, in the rows' order.</summary>
    internal static IReadOnlyList<AuditRecord> Open(IEnumerable<StoredRow> rows, SystemKeys keys)
    {
        RowSealer sealer = new(keys.Envelope);
        return
        [
            .. rows.SelectMany(row => AuditChain.TrySplit(row.Content, out _, out ReadOnlyMemory<byte> sealedBatch)
                ? JsonSerializer.Deserialize(sealer.Open(row with { Content = sealedBatch }, AuditChain.Schema).Value, AuditJson.Default.AuditBatch)!.Records
                : throw new InvalidOperationException("Not an audit row.")),
        ];
    }
}
