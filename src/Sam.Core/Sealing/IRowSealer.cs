using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Sealing;

/// <summary>
/// Seals every row before it reaches a store, and opens it after (security decision 15; REG-1, SIG-7). What is written cannot be read, changed, moved,
/// copied or re-labelled by whoever writes to the tables, and a row that is written back later is seen.
/// </summary>
public interface IRowSealer
{
    /// <summary>Seals a row for its address and schema, with the time of writing inside.</summary>
    /// <param name="address">Where it will stand.</param>
    /// <param name="schema">Its kind and version, such as <c>transaction/1</c>.</param>
    /// <param name="writeTime">The store's clock now.</param>
    /// <param name="plaintext">The row's content.</param>
    byte[] Seal(RowAddress address, string schema, DateTimeOffset writeTime, ReadOnlySpan<byte> plaintext);

    /// <summary>
    /// Opens a row. Refused with <see cref="SamErrorCode.RowBroken"/> when the seal does not open at this address under this schema, and with
    /// <see cref="SamErrorCode.RowRolledBack"/> when the store's timestamp is more than <see cref="RowSealer.Tolerance"/> away from the sealed time of writing.
    /// Audit rows open at any age: they are inserted and never replaced, so there is no older one to write back, and one that a slow store or a stopped process
    /// wrote late must stay readable.
    /// </summary>
    Result<byte[]> Open(StoredRow row, string schema);

    /// <summary>Opens a row without asking when it was written. For one use: to write over it. Nothing may be decided by its content. Refused with RowBroken.</summary>
    Result<byte[]> OpenOfAnyAge(StoredRow row, string schema);
}
