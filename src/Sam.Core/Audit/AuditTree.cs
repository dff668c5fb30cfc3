using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sam.Core.Audit;

/// <summary>The Merkle tree over the records of one row (<see cref="AuditFormat"/>).</summary>
internal static class AuditTree
{
    internal static byte[] SaltOf(ReadOnlySpan<byte> salt, int index)
    {
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, index);
        return HMACSHA256.HashData(salt, number);
    }

    internal static byte[] Leaf(ReadOnlySpan<byte> salt, int index, ReadOnlySpan<byte> record) => SHA256.HashData([0, .. SaltOf(salt, index), .. record]);

    internal static byte[] Root(byte[][] leaves)
    {
        byte[][] level = leaves;
        while (level.Length > 1)
        {
            level = Above(level);
        }

        return level[0];
    }

    /// <summary>The nodes beside the way from a leaf to the root, from below.</summary>
    internal static IReadOnlyList<byte[]> Path(byte[][] leaves, int index)
    {
        List<byte[]> path = [];
        for (byte[][] level = leaves; level.Length > 1; level = Above(level))
        {
            if ((index ^ 1) < level.Length)
            {
                path.Add(level[index ^ 1]);
            }

            index /= 2;
        }

        return path;
    }

    private static byte[][] Above(byte[][] level) => [.. level.Chunk(2).Select(pair => pair.Length == 1 ? pair[0] : SHA256.HashData([1, .. pair[0], .. pair[1]]))];
}
