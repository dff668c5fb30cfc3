using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Checks proofs by the description of the format alone; it needs no SAM, no table, and no key but the SAM's public one.</summary>
internal static class ProofCheck
{
    private const int LaterSize = 2 + (3 * AuditFormat.HashSize);

    /// <summary>What a later row's head is a hash of, beside what is known.</summary>
    internal static byte[] Later(ReadOnlySpan<byte> content) =>
        [.. content.Slice(9, 2), .. content[AuditFormat.RootOffset..AuditFormat.RowHeaderSize], .. SHA256.HashData(content[AuditFormat.RowHeaderSize..])];

    /// <summary>Null when the record stood in the audit before the checkpoint was signed by the SAM.</summary>
    internal static string? FindFault(AuditProof proof, ECDsa identity)
    {
        if (proof.Format != AuditProof.Name || !ChainIds.IsOne(proof.Chain) || proof.Sequence < 0 || proof.Records is < 1 or > ushort.MaxValue || proof.Index < 0 || proof.Index >= proof.Records
            || new[] { proof.Salt, proof.Previous, proof.Mac, proof.Digest }.Concat(proof.Path).Any(hash => hash.Length != AuditFormat.HashSize)
            || proof.Later.Any(row => row.Length != LaterSize)
            || CheckpointContent.Read(proof.Checkpoint) is not { } checkpoint)
        {
            return "it is malformed";
        }

        if (!identity.VerifyData(
            proof.Checkpoint.AsSpan(..^AuditFormat.SignatureSize), proof.Checkpoint.AsSpan(^AuditFormat.SignatureSize..), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            return "its checkpoint is not signed by the SAM of this certificate";
        }

        if (FindRoot(proof) is not { } root)
        {
            return "the way from the record to the root has another length";
        }

        byte[] head = Head(proof, proof.Sequence, (ushort)proof.Records, proof.Previous, [.. root, .. proof.Mac], proof.Digest);
        long sequence = proof.Sequence;
        foreach (byte[] row in proof.Later)
        {
            sequence++;
            head = Head(proof, sequence, BinaryPrimitives.ReadUInt16BigEndian(row), head, row.AsSpan(2..^AuditFormat.HashSize), row.AsSpan(^AuditFormat.HashSize..));
        }

        return checkpoint.Head.ChainId == proof.Chain && checkpoint.Head.Sequence == sequence && checkpoint.Head.Hash.Span.SequenceEqual(head) ? null
            : "the record and its rows do not lead to the checkpoint";
    }

    /// <summary>Null when the record says that this signature was made of this file and released.</summary>
    internal static string? FindFault(AuditRecord record, Func<Core.Algorithms.HashAlgorithm, byte[]> hash, ReadOnlySpan<byte> signature)
    {
        if (record.Event is not (AuditEvent.SignaturesReleased or AuditEvent.SignaturesReleasedAgain) || record.Digests is not { } digests || record.SignatureDigests is not { } signatures
            || digests.Count != signatures.Count || SignatureAlgorithm.All.FirstOrDefault(a => a.Name == record.Algorithm) is not { } algorithm)
        {
            return "its record is not that of released signatures";
        }

        string signed = Convert.ToHexStringLower(SHA256.HashData(signature));
        string document = Convert.ToHexStringLower(hash(algorithm.Hash));
        return !signatures.Contains(signed) ? "its record is not of this signature"
            : !signatures.Zip(digests).Contains((signed, document)) ? "its record is of a signature of another file"
            : null;
    }

    /// <summary>The record of a proof.</summary>
    internal static AuditRecord? Record(AuditProof proof)
    {
        try
        {
            return JsonSerializer.Deserialize(proof.Record, AuditRecordText.Default.AuditRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static byte[]? FindRoot(AuditProof proof)
    {
        byte[] node = SHA256.HashData([0, .. proof.Salt, .. proof.Record]);
        int used = 0;
        for ((int index, int size) = (proof.Index, proof.Records); size > 1; (index, size) = (index / 2, (size + 1) / 2))
        {
            if ((index ^ 1) >= size)
            {
                continue;
            }

            if (used == proof.Path.Count)
            {
                return null;
            }

            byte[] beside = proof.Path[used++];
            node = SHA256.HashData(index % 2 == 0 ? [1, .. node, .. beside] : [1, .. beside, .. node]);
        }

        return used == proof.Path.Count ? node : null;
    }

    private static byte[] Head(AuditProof proof, long sequence, ushort records, ReadOnlySpan<byte> previous, ReadOnlySpan<byte> rootAndMac, ReadOnlySpan<byte> digest)
    {
        byte[] numbers = new byte[11];
        numbers[0] = AuditFormat.RowVersion;
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(1), sequence);
        BinaryPrimitives.WriteUInt16BigEndian(numbers.AsSpan(9), records);
        return SHA256.HashData([.. Encoding.ASCII.GetBytes(AuditFormat.HeadTag + proof.Chain), .. numbers, .. previous, .. rootAndMac, .. digest]);
    }
}
