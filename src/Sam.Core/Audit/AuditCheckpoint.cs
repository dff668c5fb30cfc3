using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Audit;

/// <summary>What the SAM signs of its chains: how far its own has come, and how far it saw others come (<see cref="AuditFormat"/>).</summary>
/// <param name="Head">The head of the chain that the checkpoint belongs to.</param>
/// <param name="Number">Counts the chain's checkpoints, from 0.</param>
/// <param name="Time">By the clock of the audit store.</param>
/// <param name="Previous">SHA-256 of the content of the chain's checkpoint before; zeros for the first.</param>
/// <param name="Ends">The chain ends here: a row after it is somebody else's.</param>
/// <param name="Others">Heads of other chains, as other processes signed them since this one's last checkpoint.</param>
internal sealed record AuditCheckpoint(ChainHead Head, long Number, DateTimeOffset Time, ReadOnlyMemory<byte> Previous, bool Ends, IReadOnlyList<ChainHead> Others)
{
    private static readonly byte[] _tag = AssociatedData.Of(AuditFormat.CheckpointTag);

    private static int FixedSize => _tag.Length + 1 + sizeof(long) + sizeof(long) + AuditFormat.HashSize + AuditFormat.HeadSize + sizeof(ushort);

    internal RowAddress Address => new(SamTable.Audit, Partition(Time), RowKey(Time) + "-" + Head.ChainId);

    internal static string Partition(DateTimeOffset time) =>
        AuditFormat.CheckpointPartition + time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>What the row keys of this moment begin with.</summary>
    internal static string RowKey(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString("d15", CultureInfo.InvariantCulture);

    internal byte[] ToStatement()
    {
        byte[] statement = new byte[FixedSize + (Others.Count * AuditFormat.HeadSize)];
        _tag.CopyTo(statement, 0);
        Span<byte> rest = statement.AsSpan(_tag.Length);
        rest[0] = Ends ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt64BigEndian(rest[1..], Number);
        BinaryPrimitives.WriteInt64BigEndian(rest[9..], Time.ToUnixTimeMilliseconds());
        Previous.Span.CopyTo(rest[17..]);
        rest = Write(Head, rest[(17 + AuditFormat.HashSize)..]);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)Others.Count);
        rest = rest[sizeof(ushort)..];
        foreach (ChainHead other in Others)
        {
            rest = Write(other, rest);
        }

        return statement;
    }

    /// <summary>The head that another process signed; null if it did not.</summary>
    internal static ChainHead? ReadHead(ReadOnlySpan<byte> content, ModuleIdentity identity)
    {
        if (content.Length < FixedSize + AuditFormat.SignatureSize || !content.StartsWith(_tag)
            || !identity.Verify(content[..^AuditFormat.SignatureSize], content[^AuditFormat.SignatureSize..]))
        {
            return null;
        }

        ReadOnlySpan<byte> head = content[(_tag.Length + 17 + AuditFormat.HashSize)..];
        return new ChainHead(
            Encoding.ASCII.GetString(head[..AuditFormat.ChainIdSize]),
            BinaryPrimitives.ReadInt64BigEndian(head[AuditFormat.ChainIdSize..]),
            head.Slice(AuditFormat.ChainIdSize + sizeof(long), AuditFormat.HashSize).ToArray());
    }

    private static Span<byte> Write(ChainHead head, Span<byte> rest)
    {
        _ = Encoding.ASCII.GetBytes(head.ChainId, rest);
        BinaryPrimitives.WriteInt64BigEndian(rest[AuditFormat.ChainIdSize..], head.Sequence);
        head.Hash.Span.CopyTo(rest[(AuditFormat.ChainIdSize + sizeof(long))..]);
        return rest[AuditFormat.HeadSize..];
    }
}
