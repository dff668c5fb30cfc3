using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sam.Core.Rows;
using Sam.Testing.Tables;

namespace Sam.IntegrationTests.Storm;

/// <summary>
/// What is known of the storage from outside the SAMs: every row that one of them ever wrote, as the proxy saw the service take it, and what the insider made of it since. From that alone it is said what a row is
/// worth, without opening a seal.
/// </summary>
internal sealed partial class StormTable(string prefix)
{
    // The seal bears 5 s, and the time inside it is an estimate in whole seconds: what is this much older must be refused, and what is younger may not be.
    private static readonly TimeSpan _certainlyOld = TimeSpan.FromSeconds(6.5);

    private readonly Lock _lock = new();
    private readonly Dictionary<RowAddress, List<HonestWrite>> _rows = [];
    private readonly List<HonestWrite> _all = [];
    private readonly Dictionary<RowAddress, int> _underWay = [];
    private readonly Dictionary<RowAddress, Attack> _standing = [];
    private readonly Dictionary<RowAddress, List<Attack>> _attacks = [];

    /// <summary>From now on all that hosts write through this proxy is known.</summary>
    internal void Attach(TableProxy proxy) => proxy.On(request => request.Table.StartsWith(prefix, StringComparison.Ordinal), PassAsync);

    /// <summary>The rows of a table that an honest storage would hold now.</summary>
    internal IReadOnlyList<HonestWrite> Honest(SamTable table)
    {
        lock (_lock)
        {
            return [.. _rows.Values.Select(writes => writes[^1]).Where(row => row.Address.Table == table && row.Content is not null)];
        }
    }

    /// <summary>Everything that SAMs ever wrote, in every table but the audit's.</summary>
    internal IReadOnlyList<HonestWrite> Written()
    {
        lock (_lock)
        {
            return [.. _all.Where(write => write is { Content: not null, Address.Table: not SamTable.Audit })];
        }
    }

    /// <summary>What was written last, no longer ago than this, over something else.</summary>
    internal IReadOnlyList<HonestWrite> Fresh(TimeSpan age)
    {
        lock (_lock)
        {
            return [.. Enumerable.Reverse(_all).TakeWhile(write => Stopwatch.GetElapsedTime(write.At) < age).Where(write => write is { Before: not null, Address.Table: not SamTable.Audit })];
        }
    }

    /// <summary>All contents that ever stood there, oldest first.</summary>
    internal IReadOnlyList<HonestWrite> History(RowAddress address)
    {
        lock (_lock)
        {
            return [.. _rows.GetValueOrDefault(address, [])];
        }
    }

    /// <summary>Rows that are gone, by whoever: what can be inserted again.</summary>
    internal IReadOnlyList<HonestWrite> Gone()
    {
        lock (_lock)
        {
            return [.. _standing.Values.Where(a => a.Content is null && a.Address.Table != SamTable.Audit).Select(a => _rows[a.Address].Last(w => w.Content is not null))];
        }
    }

    /// <summary>The attacks whose result stands in the table, and no honest write after it.</summary>
    internal IReadOnlyList<Attack> Standing()
    {
        lock (_lock)
        {
            return [.. _standing.Values];
        }
    }

    /// <summary>What the insider made of a row and nobody has mended; null: it is what a SAM wrote.</summary>
    internal Attack? StandingAt(RowAddress address)
    {
        lock (_lock)
        {
            return _standing.GetValueOrDefault(address);
        }
    }

    /// <summary>An attack on a row between two moments, whatever was written since, that left it worth something like this; null: there was none.</summary>
    internal Attack? FindAttack(RowAddress address, long from, long to, Func<RowWorth, bool> isWorth)
    {
        lock (_lock)
        {
            return _attacks.GetValueOrDefault(address, []).Find(attack => attack.At > from && attack.At < to && isWorth(attack.Worth));
        }
    }

    /// <summary>What happened to a row, for whoever reads why a test failed: seconds before now, and who.</summary>
    internal string StoryOf(RowAddress address, IEnumerable<Attack> attacks)
    {
        IEnumerable<(long At, string What)> honest = History(address).Select(write => (write.At, write.Content is null ? "deleted by a SAM" : $"by a SAM {Name(write.Content)}"));
        IEnumerable<(long At, string What)> others = attacks.Where(a => a.Address == address).Select(a => (a.At, $"by the insider {(a.Content is null ? "deleted" : Name(a.Content))} ({a.Worth})"));
        return string.Join(", ", honest.Concat(others).OrderBy(e => e.At).TakeLast(12).Select(e => string.Create(CultureInfo.InvariantCulture, $"-{Stopwatch.GetElapsedTime(e.At).TotalSeconds:f2} s {e.What}")));

        static string Name(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..6];
    }

    /// <summary>Carries out an attack on one row, and takes note of what the row is worth since.</summary>
    internal async Task<Attack> AttackAsync(RowAddress address, byte[]? content, Func<Task> carryOut)
    {
        bool isCrowded;
        int before;
        lock (_lock)
        {
            isCrowded = _underWay.ContainsKey(address);
            before = _rows.GetValueOrDefault(address, []).Count;
        }

        await carryOut();
        lock (_lock)
        {
            List<HonestWrite> writes = _rows.GetValueOrDefault(address, []);

            // A SAM wrote it at the same time: which of the two stands there is not known.
            isCrowded |= _underWay.ContainsKey(address) || writes.Count != before;
            Attack attack = new(address, content, isCrowded ? RowWorth.Unknown : WorthOf(writes, content));
            if (_standing.TryGetValue(address, out Attack? former))
            {
                former.Fate ??= AttackFate.Overwritten;
            }

            if (!_attacks.TryGetValue(address, out List<Attack>? attacks))
            {
                _attacks[address] = attacks = [];
            }

            attacks.Add(attack);
            return _standing[address] = attack;
        }
    }

    /// <summary>The insider has put back what a SAM wrote.</summary>
    internal void Restored(RowAddress address)
    {
        lock (_lock)
        {
            if (_standing.Remove(address, out Attack? attack))
            {
                attack.Fate ??= AttackFate.Overwritten;
            }
        }
    }

    private static RowWorth WorthOf(List<HonestWrite> writes, byte[]? content)
    {
        HonestWrite? known = content is null ? null : writes.FindLast(write => write.Content is { } written && written.AsSpan().SequenceEqual(content));
        return content is null || known is null || Stopwatch.GetElapsedTime(known.At) > _certainlyOld ? RowWorth.None : RowWorth.Young;
    }

    private async Task PassAsync(TableExchange exchange)
    {
        (RowAddress Address, byte[]? Content)[] writes = exchange.Request.IsWrite ? [.. WritesOf(exchange)] : [];
        lock (_lock)
        {
            foreach ((RowAddress address, _) in writes)
            {
                _underWay[address] = _underWay.GetValueOrDefault(address) + 1;
            }
        }

        TableAnswer? answer = null;
        try
        {
            answer = await exchange.ForwardAsync();
        }
        finally
        {
            Note(exchange.Request, writes, answer);
        }

        await exchange.AnswerAsync(answer);
    }

    private void Note(TableRequest request, (RowAddress Address, byte[]? Content)[] writes, TableAnswer? answer)
    {
        // A group transaction that is refused is answered 202, and the refusal stands inside.
        bool isStored = answer is { Status: < 300 } && (request.Kind != TableRequestKind.Commit || !Refusal().IsMatch(Encoding.UTF8.GetString(answer.Body.Span)));
        lock (_lock)
        {
            foreach ((RowAddress address, byte[]? content) in writes)
            {
                if (--_underWay[address] == 0)
                {
                    _ = _underWay.Remove(address);
                }

                if (isStored)
                {
                    Note(address, content);
                }
            }

            if (request is { Kind: TableRequestKind.Read } && _standing.TryGetValue(AddressOf(request), out Attack? read))
            {
                read.WasRead = true;
            }
        }
    }

    private void Note(RowAddress address, byte[]? content)
    {
        if (!_rows.TryGetValue(address, out List<HonestWrite>? writes))
        {
            _rows[address] = writes = [];
        }

        HonestWrite write = new(address, content, writes.Count == 0 ? null : writes[^1].Content, Stopwatch.GetTimestamp());
        writes.Add(write);
        _all.Add(write);
        if (_standing.Remove(address, out Attack? attack))
        {
            attack.Fate ??= AttackFate.Replaced;
        }
    }

    private RowAddress AddressOf(TableRequest request) => new(TableOf(request.Table), request.PartitionKey!, request.RowKey!);

    private SamTable TableOf(string name) => Enum.Parse<SamTable>(name[prefix.Length..]);

    private IEnumerable<(RowAddress Address, byte[]? Content)> WritesOf(TableExchange exchange)
    {
        TableRequest request = exchange.Request;
        switch (request.Kind)
        {
            case TableRequestKind.Insert or TableRequestKind.Replace:
                yield return (AddressOf(request), ContentOf(exchange.Body));
                break;
            case TableRequestKind.Delete:
                yield return (AddressOf(request), null);
                break;
            case TableRequestKind.Commit:
                foreach (Match part in Part().Matches(Encoding.UTF8.GetString(exchange.Body.Span)))
                {
                    byte[]? content = part.Groups["method"].Value == "DELETE" ? null : ContentOf(Encoding.UTF8.GetBytes(part.Groups["body"].Value));
                    Match keys = Keys().Match(Uri.UnescapeDataString(part.Groups["target"].Value));
                    (string partition, string row) = keys.Success ? (keys.Groups["partition"].Value, keys.Groups["row"].Value) : KeysOf(part.Groups["body"].Value);
                    yield return (new RowAddress(TableOf(part.Groups["table"].Value), partition, row), content);
                }

                break;
            default:
                break;
        }
    }

    private static byte[] ContentOf(ReadOnlyMemory<byte> body)
    {
        using JsonDocument entity = JsonDocument.Parse(body);
        List<byte> content = [];
        for (int i = 0; entity.RootElement.TryGetProperty($"C{i}", out JsonElement chunk); i++)
        {
            content.AddRange(chunk.GetBytesFromBase64());
        }

        return [.. content];
    }

    private static (string Partition, string Row) KeysOf(string body)
    {
        using JsonDocument entity = JsonDocument.Parse(body);
        return (entity.RootElement.GetProperty("PartitionKey").GetString()!, entity.RootElement.GetProperty("RowKey").GetString()!);
    }

    [GeneratedRegex(@"^(?<method>POST|PUT|DELETE) (?<target>\w+://[^/]+/\w+/(?<table>\w+)\S*) HTTP/1\.1\r?$(?:(?!^(?:POST|PUT|DELETE) )[\s\S])*?(?:^(?<body>\{.*\})\r?$|^--)", RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex(@"\(PartitionKey='(?<partition>[^']*)',RowKey='(?<row>[^']*)'\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Keys();

    [GeneratedRegex(@"^HTTP/1\.1 [45]", RegexOptions.Multiline)]
    private static partial Regex Refusal();
}
