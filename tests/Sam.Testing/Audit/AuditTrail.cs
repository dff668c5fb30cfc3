using Sam.Core.Audit;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Testing.Audit;

/// <summary>Reads the audit as its owner can, who has the data key.</summary>
internal static class AuditTrail
{
    /// <summary>Whether a row belongs to a chain; checkpoints stand beside them.</summary>
    internal static bool IsOfChain(StoredRow row) => !row.Address.PartitionKey.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal);

    /// <summary>The records of these rows, in the rows' order.</summary>
    internal static IReadOnlyList<AuditRecord> Open(IEnumerable<StoredRow> rows, SystemKeys keys)
    {
        RowSealer sealer = new(keys.Envelope);
        return
        [
            .. rows.Where(IsOfChain).SelectMany(row => AuditChain.TrySplit(row.Content, out ReadOnlyMemory<byte> sealedBatch)
                ? AuditBatch.Parse(sealer.Open(row with { Content = sealedBatch }, AuditChain.Schema).Value).Records
                : throw new InvalidOperationException("Not an audit row.")),
        ];
    }
}
