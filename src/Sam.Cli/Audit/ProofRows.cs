using System.Buffers.Binary;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>The rows of one chain from one of them up to the first checkpoint of it that stands behind.</summary>
internal sealed class ProofRows
{
    // Of 98 bytes each. What is further from its checkpoint is in no audit whose checkpoints are made at all.
    private const int MaxLater = 1_000_000;

    private readonly RowPlace _place;
    private readonly List<byte[]> _later = [];
    private byte[]? _checkpoint;
    private long _end = long.MaxValue;

    private ProofRows(RowPlace place) => _place = place;

    /// <summary>The row's content.</summary>
    internal byte[] Row { get; private set; } = [];

    /// <summary>Of the rows behind it, what a proof holds.</summary>
    internal IReadOnlyList<byte[]> Later => _later;

    internal byte[] Checkpoint => _checkpoint ?? [];

    /// <exception cref="CommandFailure">No checkpoint covers the row, or rows are missing.</exception>
    internal static async Task<ProofRows> ReadAsync(IAsyncEnumerable<AuditRow> rows, RowPlace place)
    {
        ProofRows found = new(place);
        await foreach (AuditRow row in rows)
        {
            found.Take(row);
        }

        if (found._checkpoint is null)
        {
            throw new CommandFailure("No checkpoint of the chain stands behind the record yet, or none was exported. Checkpoints come by time (Sam:Audit:CheckpointInterval).");
        }

        int count = (int)Math.Min(found._end - place.Sequence, MaxLater);
        if (found.Row.Length == 0 || found._later.Count < count || count == MaxLater)
        {
            throw new CommandFailure("Rows between the record and its checkpoint are missing: sam audit verify names them.");
        }

        found._later.RemoveRange(count, found._later.Count - count);
        return found;
    }

    private void Take(AuditRow row)
    {
        if (row.Partition.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal))
        {
            if (CheckpointContent.Read(row.Content) is { } checkpoint && checkpoint.Head.ChainId == _place.Chain && checkpoint.Head.Sequence >= _place.Sequence && checkpoint.Head.Sequence < _end)
            {
                (_checkpoint, _end) = (row.Content, checkpoint.Head.Sequence);
            }
        }
        else if (RowPlace.Of(row) is { } place && place.Chain == _place.Chain && row.Content.Length > AuditFormat.RowHeaderSize
            && BinaryPrimitives.ReadInt64BigEndian(row.Content.AsSpan(1)) == place.Sequence)
        {
            if (place.Sequence == _place.Sequence)
            {
                Row = row.Content;
            }
            else if (place.Sequence == _place.Sequence + _later.Count + 1 && _later.Count < MaxLater)
            {
                _later.Add(ProofCheck.Later(row.Content));
            }
        }
    }
}
