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

            if (content.Length < 108 || content[0] != 3)
            {
                return $"{i}: form";
            }

            byte[] number = [.. BitConverter.GetBytes((long)i).Reverse()];
            if (!content.AsSpan(1, 8).SequenceEqual(number))
            {
                return $"{i}: sequence";
            }

            if (!content.AsSpan(11, 32).SequenceEqual(head))
            {
                return $"{i}: head";
            }

            head = SHA256.HashData([.. Encoding.ASCII.GetBytes("sam-audit/3" + chainId), .. content[..107], .. SHA256.HashData(content.AsSpan(107))]);
        }

        return null;
    }
}
