using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Rows;

namespace Sam.Core.Audit;

/// <summary>
/// The form of one chain of audit rows (security decision 26). A process writes one chain under a random id; each row carries the head before it, and the chain is
/// computed over ciphertext, so that checking it needs no right to read the records.
/// </summary>
/// <remarks>
/// Row content: version (1) ‖ previous head (32) ‖ sealed batch. Head = SHA-256("sam-audit/1" ‖ chain id ‖ sequence (8, big-endian) ‖ previous head ‖ SHA-256(sealed batch)).
/// The first row's previous head is all zeros. Sequences start at 0 and have no gaps.
/// Partition = chain id and sequence / 64: partitions stay small, and a range of a chain is read partition by partition.
/// </remarks>
internal static class AuditChain
{
    internal const int HeadSize = 32;
    internal const string Schema = "audit/1";

    private const byte Version = 1;
    private const int RowsPerPartition = 64;

    internal static ReadOnlyMemory<byte> Genesis { get; } = new byte[HeadSize];

    internal static RowAddress Address(string chainId, long sequence) => new(
        SamTable.Audit,
        string.Create(CultureInfo.InvariantCulture, $"{chainId}-{sequence / RowsPerPartition:d10}"),
        sequence.ToString("d12", CultureInfo.InvariantCulture));

    internal static byte[] Content(ReadOnlySpan<byte> previousHead, ReadOnlySpan<byte> sealedBatch) => [Version, .. previousHead, .. sealedBatch];

    /// <summary>Splits a row's content; false if it has another form.</summary>
    internal static bool TrySplit(ReadOnlyMemory<byte> content, out ReadOnlyMemory<byte> previousHead, out ReadOnlyMemory<byte> sealedBatch)
    {
        bool valid = content.Length > 1 + HeadSize && content.Span[0] == Version;
        previousHead = valid ? content.Slice(1, HeadSize) : default;
        sealedBatch = valid ? content[(1 + HeadSize)..] : default;
        return valid;
    }

    internal static byte[] Head(string chainId, long sequence, ReadOnlySpan<byte> previousHead, ReadOnlySpan<byte> sealedBatch)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, sequence);
        return SHA256.HashData([.. "sam-audit/1"u8, .. Encoding.ASCII.GetBytes(chainId), .. number, .. previousHead, .. SHA256.HashData(sealedBatch)]);
    }
}
