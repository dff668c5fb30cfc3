using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sam.Core.Rows;

namespace Sam.Testing.Audit;

/// <summary>Checks a chain of audit rows with nothing but its description and SHA-256: no code of the log, no key, no right to read a record.</summary>
internal static class ChainChecker
{
    /// <summary>Null for a whole chain; otherwise what is wrong with which row first.</summary>
    internal static string? FindFault(string chainId, IReadOnlyList<StoredRow> rows)
    {
        byte[] head = new byte[32];
        for (int i = 0; i < rows.Count; i++)
        {
            RowAddress expected = new(
                SamTable.Audit,
                string.Create(CultureInfo.InvariantCulture, $"{chainId}-{i / 64:d10}"),
                string.Create(CultureInfo.InvariantCulture, $"{i:d12}"));
            byte[] content = rows[i].Content.ToArray();
            if (rows[i].Address != expected)
            {
                return $"{i}: address";
            }

            if (content.Length < 34 || content[0] != 1)
            {
                return $"{i}: form";
            }

            if (!content.AsSpan(1, 32).SequenceEqual(head))
            {
                return $"{i}: head";
            }

            byte[] number = [.. BitConverter.GetBytes((long)i).Reverse()];
            head = SHA256.HashData([.. Encoding.ASCII.GetBytes("sam-audit/1" + chainId), .. number, .. head, .. SHA256.HashData(content.AsSpan(33))]);
        }

        return null;
    }
}
