using System.Buffers.Binary;
using System.Security.Cryptography;
using Sam.Core.Keys;
using Sam.Core.Sealing;

namespace Sam.Core.Anchoring;

/// <summary>What the HSM holds: version (8 bytes, big-endian) ‖ SHA-256 of the document ‖ MAC by the HSM over both and the deployment.</summary>
internal sealed record AnchorMark(long Version, byte[] Digest, byte[] Bytes)
{
    private const int TagSize = 32;
    private const int TaggedSize = sizeof(long) + SHA256.HashSizeInBytes;

    internal static async Task<AnchorMark> CreateAsync(AnchorDocument document, byte[] json, SystemKeys keys, IMacKeys mac, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[TaggedSize];
        BinaryPrimitives.WriteInt64BigEndian(bytes, document.Version);
        byte[] digest = SHA256.HashData(json);
        digest.CopyTo(bytes, sizeof(long));
        return new AnchorMark(document.Version, digest, [.. bytes, .. await TagAsync(bytes, keys, mac, cancellationToken)]);
    }

    /// <summary>Null for what this deployment did not write.</summary>
    internal static async Task<AnchorMark?> ReadAsync(byte[] bytes, SystemKeys keys, IMacKeys mac, CancellationToken cancellationToken)
    {
        if (bytes.Length != TaggedSize + TagSize)
        {
            return null;
        }

        byte[] tag = await TagAsync(bytes.AsMemory(0, TaggedSize), keys, mac, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(tag, bytes.AsSpan(TaggedSize))
            ? new AnchorMark(BinaryPrimitives.ReadInt64BigEndian(bytes), bytes[sizeof(long)..TaggedSize], bytes)
            : null;
    }

    private static Task<byte[]> TagAsync(ReadOnlyMemory<byte> tagged, SystemKeys keys, IMacKeys mac, CancellationToken cancellationToken) =>
        mac.ComputeMacAsync(keys.MacKey, (byte[])[.. AssociatedData.Of("sam-anchor/1", keys.DeploymentId), .. tagged.Span], cancellationToken);
}
