using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>A checkpoint, read by its description (<see cref="AuditFormat"/>).</summary>
internal sealed record CheckpointContent(ChainHead Head, long Number, long Time, ReadOnlyMemory<byte> Previous, bool Ends, IReadOnlyList<ChainHead> Others)
{
    private const int TagSize = 2 + 22;
    private const int FixedSize = TagSize + 1 + 8 + 8 + AuditFormat.HashSize + AuditFormat.HeadSize + 2;

    private static readonly byte[] _beginning = Encoding.ASCII.GetBytes(AuditFormat.CheckpointTag);

    /// <summary>Where it belongs.</summary>
    internal (string Partition, string Row) Address => (
        AuditFormat.CheckpointPartition + DateTimeOffset.FromUnixTimeMilliseconds(Time).ToString("yyyyMMdd", CultureInfo.InvariantCulture),
        Time.ToString("d15", CultureInfo.InvariantCulture) + "-" + Head.ChainId);

    /// <summary>Null for anything but the one form.</summary>
    internal static CheckpointContent? Read(ReadOnlyMemory<byte> content)
    {
        ReadOnlySpan<byte> bytes = content.Span;
        if (bytes.Length < FixedSize + AuditFormat.SignatureSize
            || BinaryPrimitives.ReadUInt16BigEndian(bytes) != AuditFormat.CheckpointTag.Length
            || !bytes[2..].StartsWith(_beginning)
            || bytes[TagSize] > 1)
        {
            return null;
        }

        long number = BinaryPrimitives.ReadInt64BigEndian(bytes[(TagSize + 1)..]);
        long time = BinaryPrimitives.ReadInt64BigEndian(bytes[(TagSize + 9)..]);
        int others = BinaryPrimitives.ReadUInt16BigEndian(bytes[(FixedSize - 2)..]);
        if (number < 0 || time < 0 || time > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            || bytes.Length != FixedSize + (others * AuditFormat.HeadSize) + AuditFormat.SignatureSize)
        {
            return null;
        }

        List<ChainHead?> heads = [ReadHead(content[(TagSize + 17 + AuditFormat.HashSize)..])];
        for (int i = 0; i < others; i++)
        {
            heads.Add(ReadHead(content[(FixedSize + (i * AuditFormat.HeadSize))..]));
        }

        return heads.TrueForAll(head => head is not null)
            ? new CheckpointContent(heads[0]!, number, time, content.Slice(TagSize + 17, AuditFormat.HashSize), bytes[TagSize] == 1, [.. heads.Skip(1).Select(head => head!)])
            : null;
    }

    private static ChainHead? ReadHead(ReadOnlyMemory<byte> bytes)
    {
        string chain = Encoding.ASCII.GetString(bytes.Span[..AuditFormat.ChainIdSize]);
        long sequence = BinaryPrimitives.ReadInt64BigEndian(bytes.Span[AuditFormat.ChainIdSize..]);
        return ChainIds.IsOne(chain) && sequence >= 0 ? new ChainHead(chain, sequence, bytes.Slice(AuditFormat.ChainIdSize + 8, AuditFormat.HashSize)) : null;
    }
}
