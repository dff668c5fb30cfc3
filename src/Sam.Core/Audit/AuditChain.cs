using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Rows;

namespace Sam.Core.Audit;

/// <summary>
/// Writes the rows of one chain (security decision 26; <see cref="AuditFormat"/>). A process writes one chain under a random id; each row carries the head before it, and the chain
/// is computed over ciphertext, so that checking it needs no right to read the records.
/// </summary>
internal static class AuditChain
{
    internal const string Schema = "audit/3";

    internal static ReadOnlyMemory<byte> Genesis { get; } = new byte[AuditFormat.HashSize];

    internal static RowAddress Address(string chainId, long sequence) => new(
        SamTable.Audit,
        string.Create(CultureInfo.InvariantCulture, $"{chainId}-{sequence / AuditFormat.RowsPerPartition:d10}"),
        sequence.ToString("d12", CultureInfo.InvariantCulture));

    /// <summary>A row's content, under the MAC of the ratchet as it stands.</summary>
    internal static byte[] Content(AuditRatchet ratchet, long sequence, int records, ReadOnlySpan<byte> previousHead, ReadOnlySpan<byte> root, ReadOnlySpan<byte> sealedBatch)
    {
        byte[] content = new byte[AuditFormat.RowHeaderSize + sealedBatch.Length];
        Span<byte> row = content;
        row[0] = AuditFormat.RowVersion;
        BinaryPrimitives.WriteInt64BigEndian(row[1..], sequence);
        BinaryPrimitives.WriteUInt16BigEndian(row[(1 + sizeof(long))..], (ushort)records);
        previousHead.CopyTo(row[(1 + sizeof(long) + sizeof(ushort))..]);
        root.CopyTo(row[AuditFormat.RootOffset..]);
        sealedBatch.CopyTo(row[AuditFormat.RowHeaderSize..]);
        ratchet.Tag([.. Encoding.ASCII.GetBytes(AuditFormat.MacTag + ratchet.ChainId), .. row[..AuditFormat.MacOffset], .. SHA256.HashData(sealedBatch)], row[AuditFormat.MacOffset..]);
        return content;
    }

    /// <summary>The sealed records of a row; false if its content has another form.</summary>
    internal static bool TrySplit(ReadOnlyMemory<byte> content, out ReadOnlyMemory<byte> sealedBatch)
    {
        bool valid = content.Length > AuditFormat.RowHeaderSize && content.Span[0] == AuditFormat.RowVersion;
        sealedBatch = valid ? content[AuditFormat.RowHeaderSize..] : default;
        return valid;
    }

    /// <summary>The head after this row.</summary>
    internal static byte[] Head(string chainId, ReadOnlySpan<byte> content) => SHA256.HashData(
        [.. Encoding.ASCII.GetBytes(AuditFormat.HeadTag + chainId), .. content[..AuditFormat.RowHeaderSize], .. SHA256.HashData(content[AuditFormat.RowHeaderSize..])]);
}
