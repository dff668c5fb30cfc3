using System.Security.Cryptography;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>
/// Verifies an audit by its description alone (<see cref="AuditFormat"/>): rows in the table's order, once, in bounded memory; then what checkpoints and a witness know against
/// what was found. It reads no record and needs no key but the SAM's public one.
/// </summary>
internal sealed class AuditVerifier : IDisposable
{
    private readonly ChainRows _rows = new();
    private readonly Checkpoints _checkpoints;
    private AuditRow? _last;

    internal AuditVerifier(ECDsa? identity) => _checkpoints = new Checkpoints(identity);

    internal ChainRows Rows => _rows;

    internal long CheckpointCount => _checkpoints.Count;

    public void Dispose()
    {
        _rows.Dispose();
        _checkpoints.Dispose();
    }

    /// <summary>Takes the next row; null when nothing is wrong with it.</summary>
    internal AuditFault? Take(AuditRow row)
    {
        bool isCheckpoint = row.Partition.StartsWith(AuditFormat.CheckpointPartition, StringComparison.Ordinal);
        RowPlace? place = isCheckpoint ? null : RowPlace.Of(row);
        if (!isCheckpoint && place is null)
        {
            return new AuditFault(AuditFaultKind.Stray, $"{row.Partition}/{row.Row}", 0);
        }

        if (_last is { } last && Compare(last, row) >= 0)
        {
            return new AuditFault(AuditFaultKind.Disorder, place?.Chain ?? $"{row.Partition}/{row.Row}", place?.Sequence ?? 0);
        }

        _last = row with { Content = [] };
        return place is { } found ? _rows.Take(found, row.Content) : _checkpoints.Take(row);
    }

    /// <summary>All rows were taken: compares them with what the checkpoints know.</summary>
    internal AuditFault? Finish() => _checkpoints.FindFault(_rows);

    /// <summary>Compares them with a head that was kept elsewhere.</summary>
    internal AuditFault? Compare(ChainHead kept, string witness) => _rows.Find(kept, ends: false, witness);

    private static int Compare(AuditRow one, AuditRow other)
    {
        int byPartition = string.CompareOrdinal(one.Partition, other.Partition);
        return byPartition != 0 ? byPartition : string.CompareOrdinal(one.Row, other.Row);
    }
}
