using System.Text;

namespace Sam.IntegrationTests.Run;

/// <summary>A secret, or a part of one, in a log.</summary>
/// <param name="Kind">What kind of secret it is.</param>
/// <param name="File">The log.</param>
/// <param name="Offset">Where, in characters.</param>
/// <param name="Encoding">How it was spelt.</param>
public sealed record SecretFinding(string Kind, string File, long Offset, string Encoding);

/// <summary>
/// Finds any 16 consecutive characters of any secret in a text: as it is, in base64 and base64url (at each of the three alignments), in hexadecimal, and URL-encoded.
/// </summary>
public sealed class SecretSearch
{
    private const int Window = 16;
    private const ulong Base = 1_099_511_628_211;

    private readonly Dictionary<ulong, List<(string Text, string Kind, string Encoding)>> _windows = [];

    // What leaves the window, at its weight.
    private readonly ulong _leaving;

    /// <summary>Takes secrets with their kinds.</summary>
    public SecretSearch(IEnumerable<KeyValuePair<string, string>> secrets)
    {
        _leaving = 1;
        for (int i = 1; i < Window; i++)
        {
            _leaving = unchecked(_leaving * Base);
        }

        foreach ((string secret, string kind) in secrets)
        {
            foreach ((string encoding, string text) in Spellings(secret))
            {
                for (int at = 0; at + Window <= text.Length; at++)
                {
                    Add(text.Substring(at, Window), kind, encoding);
                }
            }
        }
    }

    /// <summary>All findings in a file, one per place.</summary>
    public IReadOnlyList<SecretFinding> Find(FileInfo file)
    {
        using StreamReader reader = file.OpenText();
        return Find(reader, file.Name);
    }

    /// <summary>All findings in a text, one per place.</summary>
    public IReadOnlyList<SecretFinding> Find(TextReader reader, string name)
    {
        List<SecretFinding> findings = [];
        char[] ring = new char[Window];
        char[] buffer = new char[65_536];
        ulong hash = 0;
        long offset = 0;
        int read;
        while ((read = reader.Read(buffer)) > 0)
        {
            for (int i = 0; i < read; i++, offset++)
            {
                int slot = (int)(offset % Window);
                hash = unchecked(((hash - (offset >= Window ? ring[slot] * _leaving : 0)) * Base) + buffer[i]);
                ring[slot] = buffer[i];
                if (offset >= Window - 1 && _windows.TryGetValue(hash, out List<(string Text, string Kind, string Encoding)>? candidates))
                {
                    string text = string.Concat(ring.AsSpan(slot + 1), ring.AsSpan(0, slot + 1));
                    findings.AddRange(candidates.Where(c => c.Text == text).Take(1).Select(c => new SecretFinding(c.Kind, name, offset, c.Encoding)));
                }
            }
        }

        return findings;
    }

    private static IEnumerable<(string Encoding, string Text)> Spellings(string secret)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(secret);
        yield return ("plain", secret);
        yield return ("hex", Convert.ToHexString(utf8));
        yield return ("hex", Convert.ToHexStringLower(utf8));
        yield return ("URL-encoded", Uri.EscapeDataString(secret));
        for (int before = 0; before < 3; before++)
        {
            // The secret in the middle of something longer: characters that depend on its neighbours are cut off.
            string text = Convert.ToBase64String([.. new byte[before], .. utf8]);
            string sure = text[(before == 0 ? 0 : before + 1)..^(text.EndsWith('=') ? 4 : 0)];
            yield return ("base64", sure);
            yield return ("base64url", sure.Replace('+', '-').Replace('/', '_'));
        }
    }

    private void Add(string text, string kind, string encoding)
    {
        ulong hash = 0;
        foreach (char c in text)
        {
            hash = unchecked((hash * Base) + c);
        }

        if (!_windows.TryGetValue(hash, out List<(string Text, string Kind, string Encoding)>? candidates))
        {
            _windows[hash] = candidates = [];
        }

        if (!candidates.Exists(c => c.Text == text))
        {
            candidates.Add((text, kind, encoding));
        }
    }
}
