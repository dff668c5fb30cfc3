using System.Buffers.Binary;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Sealing;

/// <summary>The row seal under the current data key.</summary>
internal sealed class RowSealer : IRowSealer
{
    private readonly Envelope _envelope;

    internal RowSealer(Envelope envelope) => _envelope = envelope;

    /// <summary>
    /// How far the store's Timestamp may be from the sealed time of writing: 5 s, for a slow write and the whole seconds of a Date header.
    /// Within it, what stops a row written back is its new ETag (spends), the version floor (counters), or nothing but its age.
    /// </summary>
    internal static TimeSpan Tolerance { get; } = TimeSpan.FromSeconds(5);

    public byte[] Seal(RowAddress address, string schema, DateTimeOffset writeTime, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, writeTime.ToUnixTimeMilliseconds());
        return _envelope.Seal(Purpose(address), Bound(address, schema), [.. time, .. plaintext]);
    }

    public Result<byte[]> Open(StoredRow row, string schema) => Open(row, schema, row.Address.Table == SamTable.Audit);

    public Result<byte[]> OpenOfAnyAge(StoredRow row, string schema) => Open(row, schema, isAnyAge: true);

    private Result<byte[]> Open(StoredRow row, string schema, bool isAnyAge)
    {
        byte[]? opened = _envelope.Open(Purpose(row.Address), Bound(row.Address, schema), row.Content.Span);
        if (opened is null || opened.Length < sizeof(long))
        {
            return SamErrorCode.RowBroken;
        }

        DateTimeOffset writeTime = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(opened));
        return isAnyAge || (row.Timestamp - writeTime).Duration() <= Tolerance ? opened[sizeof(long)..] : SamErrorCode.RowRolledBack;
    }

    private static string Purpose(RowAddress address) => $"row/{address.Table}";

    private static byte[] Bound(RowAddress address, string schema) =>
        AssociatedData.Of("sam-row", address.Table.ToString(), address.PartitionKey, address.RowKey, schema);
}
