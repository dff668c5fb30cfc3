using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>Follows the checkpoints of all chains as they stand, by time, and keeps in a file what they know.</summary>
internal sealed class Checkpoints : IDisposable
{
    private const int SequenceOffset = AuditFormat.ChainIdSize;
    private const int HashOffset = SequenceOffset + sizeof(long);
    private const int WitnessOffset = HashOffset + AuditFormat.HashSize;
    private const int NumberOffset = WitnessOffset + AuditFormat.ChainIdSize;
    private const int EndsOffset = NumberOffset + sizeof(long);

    private readonly Spool _known = new(EndsOffset + 1);
    private readonly Dictionary<string, (long Next, byte[] Digest, bool Ended)> _followed = new(StringComparer.Ordinal);
    private readonly ECDsa? _identity;

    /// <summary>Nothing yet.</summary>
    /// <param name="identity">The SAM's key; null: signatures are not looked at.</param>
    internal Checkpoints(ECDsa? identity) => _identity = identity;

    internal long Count { get; private set; }

    public void Dispose() => _known.Dispose();

    internal AuditFault? Take(AuditRow row)
    {
        // What it says of itself is not known yet, so its address says where it was found.
        string chain = row.Row[(row.Row.LastIndexOf('-') + 1)..];
        (long next, byte[] digest, bool ended) = _followed.GetValueOrDefault(chain, (0, new byte[AuditFormat.HashSize], false));
        if (CheckpointContent.Read(row.Content) is not { } checkpoint)
        {
            return new AuditFault(AuditFaultKind.CheckpointForm, chain, next);
        }

        AuditFaultKind? fault = checkpoint.Address != (row.Partition, row.Row) ? AuditFaultKind.CheckpointOtherPlace
            : _identity is { } key && !key.VerifyData(
                row.Content.AsSpan(..^AuditFormat.SignatureSize), row.Content.AsSpan(^AuditFormat.SignatureSize..), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                ? AuditFaultKind.CheckpointForeign
            : checkpoint.Number > next ? AuditFaultKind.CheckpointMissing
            : checkpoint.Number < next || ended || !checkpoint.Previous.Span.SequenceEqual(digest) ? AuditFaultKind.CheckpointUnchained
            : null;
        if (fault is { } kind)
        {
            return new AuditFault(kind, chain, next);
        }

        _followed[chain] = (next + 1, SHA256.HashData(row.Content), checkpoint.Ends);
        Keep(checkpoint.Head, checkpoint, checkpoint.Ends);
        foreach (ChainHead other in checkpoint.Others)
        {
            Keep(other, checkpoint, ends: false);
        }

        Count++;
        return null;
    }

    /// <summary>Compares all that the checkpoints know with the rows.</summary>
    internal AuditFault? FindFault(ChainRows rows)
    {
        SafeFileHandle closed = _known.Close();
        byte[] entry = new byte[EndsOffset + 1];
        for (long i = 0; i < _known.Count; i++)
        {
            _known.Read(closed, i, entry);
            ChainHead head = new(Text(entry, 0), BinaryPrimitives.ReadInt64BigEndian(entry.AsSpan(SequenceOffset)), entry.AsMemory(HashOffset, AuditFormat.HashSize));
            string witness = string.Create(CultureInfo.InvariantCulture, $"checkpoint {BinaryPrimitives.ReadInt64BigEndian(entry.AsSpan(NumberOffset))} of chain {Text(entry, WitnessOffset)}");
            if (rows.Find(head, entry[EndsOffset] == 1, witness) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private void Keep(ChainHead head, CheckpointContent witness, bool ends)
    {
        Span<byte> entry = stackalloc byte[EndsOffset + 1];
        _ = Encoding.ASCII.GetBytes(head.ChainId, entry);
        BinaryPrimitives.WriteInt64BigEndian(entry[SequenceOffset..], head.Sequence);
        head.Hash.Span.CopyTo(entry[HashOffset..]);
        _ = Encoding.ASCII.GetBytes(witness.Head.ChainId, entry[WitnessOffset..]);
        BinaryPrimitives.WriteInt64BigEndian(entry[NumberOffset..], witness.Number);
        entry[EndsOffset] = ends ? (byte)1 : (byte)0;
        _known.Add(entry);
    }

    private static string Text(byte[] entry, int offset) => Encoding.ASCII.GetString(entry, offset, AuditFormat.ChainIdSize);
}
