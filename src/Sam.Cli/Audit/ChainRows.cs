using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Follows the rows of all chains, one chain after the other, and remembers each head: in a file, 32 bytes a row.</summary>
internal sealed class ChainRows : IDisposable
{
    private readonly Spool _heads = new(AuditFormat.HashSize);
    private readonly Dictionary<string, Chain> _chains = new(StringComparer.Ordinal);
    private SafeFileHandle? _closed;
    private Chain? _current;

    internal int Chains => _chains.Count;

    internal long Rows => _heads.Count;

    internal long Records { get; private set; }

    /// <summary>Rows that no head of <see cref="Find"/> reaches: they could be cut off or rewritten, and nobody would know.</summary>
    internal long Uncovered => _chains.Values.Sum(chain => chain.Rows - 1 - chain.Covered);

    public void Dispose() => _heads.Dispose();

    /// <summary>Takes the next row in the table's order; null when it goes on from those before it.</summary>
    internal AuditFault? Take(RowPlace place, ReadOnlySpan<byte> content)
    {
        if (_current?.Id != place.Chain)
        {
            _current = new Chain(place.Chain, _heads.Count);
            _chains.Add(place.Chain, _current);
        }

        Chain chain = _current;
        AuditFaultKind? fault = place.Sequence > chain.Rows ? AuditFaultKind.Missing
            : content.Length <= AuditFormat.RowHeaderSize || content[0] != AuditFormat.RowVersion || BinaryPrimitives.ReadUInt16BigEndian(content[9..]) == 0 ? AuditFaultKind.Form
            : BinaryPrimitives.ReadInt64BigEndian(content[1..]) != place.Sequence ? AuditFaultKind.OtherPlace
            : !content.Slice(11, AuditFormat.HashSize).SequenceEqual(chain.Head) ? AuditFaultKind.Unchained
            : null;
        if (fault is { } kind)
        {
            return new AuditFault(kind, chain.Id, chain.Rows);
        }

        using IncrementalHash head = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        head.AppendData(Encoding.ASCII.GetBytes(AuditFormat.HeadTag + chain.Id));
        head.AppendData(content[..AuditFormat.RowHeaderSize]);
        head.AppendData(SHA256.HashData(content[AuditFormat.RowHeaderSize..]));
        chain.Head = head.GetHashAndReset();
        chain.Rows++;
        Records += BinaryPrimitives.ReadUInt16BigEndian(content[9..]);
        _heads.Add(chain.Head);
        return null;
    }

    /// <summary>Compares a head that somebody knows with the rows; to be called when all rows were taken.</summary>
    internal AuditFault? Find(ChainHead known, bool ends, string witness)
    {
        if (!_chains.TryGetValue(known.ChainId, out Chain? chain))
        {
            return new AuditFault(AuditFaultKind.ChainMissing, known.ChainId, known.Sequence, witness);
        }

        if (known.Sequence >= chain.Rows)
        {
            return new AuditFault(AuditFaultKind.CutOff, chain.Id, chain.Rows, witness);
        }

        Span<byte> found = stackalloc byte[AuditFormat.HashSize];
        _heads.Read(_closed ??= _heads.Close(), chain.FirstHead + known.Sequence, found);
        chain.Covered = Math.Max(chain.Covered, known.Sequence);
        return !found.SequenceEqual(known.Hash.Span) ? new AuditFault(AuditFaultKind.Rewritten, chain.Id, known.Sequence, witness)
            : ends && chain.Rows > known.Sequence + 1 ? new AuditFault(AuditFaultKind.AfterEnd, chain.Id, known.Sequence + 1, witness)
            : null;
    }

    private sealed class Chain(string id, long firstHead)
    {
        internal string Id { get; } = id;

        internal long FirstHead { get; } = firstHead;

        internal long Rows { get; set; }

        internal long Covered { get; set; } = -1;

        internal byte[] Head { get; set; } = new byte[AuditFormat.HashSize];
    }
}
