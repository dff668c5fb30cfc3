using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sam.Cli.Audit;

/// <summary>An export: one row a line, as JSON, in the table's order.</summary>
internal static class ExportedRows
{
    // A row holds 512 KiB, and Base64 takes a third more. A file without line ends must not fill the memory.
    private const int MaxLine = 1024 * 1024;

    /// <exception cref="CommandFailure">Not an export, or cut off.</exception>
    internal static async IAsyncEnumerable<AuditRow> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxLine];
        int filled = 0;
        long line = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            filled += read;
            int start = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            {
                line++;
                yield return Parse(buffer.AsSpan(start, end), line);
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled == buffer.Length || (read == 0 && filled > 0))
            {
                throw Unreadable(line + 1);
            }

            if (read == 0)
            {
                yield break;
            }
        }
    }

    internal static string Write(AuditRow row) => JsonSerializer.Serialize(row, AuditRowJson.Default.AuditRow);

    private static AuditRow Parse(ReadOnlySpan<byte> text, long line)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AuditRowJson.Default.AuditRow) ?? throw Unreadable(line);
        }
        catch (JsonException malformed)
        {
            throw Unreadable(line, malformed);
        }
    }

    private static CommandFailure Unreadable(long line, Exception? cause = null) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Line {line} of the export is no whole row."), ExitCodes.Unreadable, cause);
}
