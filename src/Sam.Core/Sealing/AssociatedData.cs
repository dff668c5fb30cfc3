using System.Buffers.Binary;
using System.Text;

namespace Sam.Core.Sealing;

/// <summary>Joins texts for associated data: each with its length before it, so that no two lists of texts give the same bytes.</summary>
internal static class AssociatedData
{
    internal static byte[] Of(params ReadOnlySpan<string> parts)
    {
        int size = 0;
        foreach (string part in parts)
        {
            size += sizeof(ushort) + Encoding.UTF8.GetByteCount(part);
        }

        byte[] joined = new byte[size];
        Span<byte> rest = joined;
        foreach (string part in parts)
        {
            int length = Encoding.UTF8.GetBytes(part, rest[sizeof(ushort)..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)length);
            rest = rest[(sizeof(ushort) + length)..];
        }

        return joined;
    }
}
