using System.Diagnostics;
using Azure.Data.Tables;
using Sam.Core.Rows;
using Sam.Storage.Tables;

namespace Sam.IntegrationTests.Storm;

/// <summary>What an insider does to rows.</summary>
internal enum Manipulation
{
    /// <summary>One bit is another.</summary>
    Flip,

    /// <summary>The end is missing.</summary>
    Truncate,

    /// <summary>Gone.</summary>
    Delete,

    /// <summary>Gone, and what it stood for is asked for again.</summary>
    DeleteAndReplay,

    /// <summary>As it was before.</summary>
    RollBack,

    /// <summary>Two rows have each other's content.</summary>
    Swap,

    /// <summary>One row has another's content, too.</summary>
    Copy,

    /// <summary>One row has another's content, and the other is gone.</summary>
    Move,

    /// <summary>What is gone, or was deleted just now, stands there again.</summary>
    ReInsert,

    /// <summary>Under a key that nobody gave it.</summary>
    ReKey,
}

/// <summary>
/// Somebody with the storage account's keys. He knows every row that was ever written, and writes what he likes where he likes; versions and Timestamps are the service's. What he tries is chosen at random, so
/// that certain kinds have the share that was asked for.
/// </summary>
internal sealed class Insider(string connectionString, string prefix, StormTable table, int seed)
{
    /// <summary>How soon after an honest write a roll-back is a fast one.</summary>
    private static readonly TimeSpan _fast = TimeSpan.FromSeconds(1);

    private static readonly SamTable[] _ofOne = [SamTable.Transactions, SamTable.Transactions, SamTable.Signers, SamTable.Signers, SamTable.Signers, SamTable.Clients];
    private static readonly SamTable[] _all = [.. _ofOne, SamTable.Logins, SamTable.Registry, SamTable.Keys];

    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly TableServiceClient _service = new(connectionString);
    private int _stateRows;

    /// <summary>What was done, by kind.</summary>
    internal SortedDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>What was done, by table.</summary>
    internal SortedDictionary<string, int> Tables { get; } = new(StringComparer.Ordinal);

    /// <summary>Each row that was touched.</summary>
    internal List<Attack> Attacks { get; } = [];

    /// <summary>What was done to the audit, each with the rows it touched.</summary>
    internal List<(Manipulation Kind, IReadOnlyList<Attack> Rows)> OnTheAudit { get; } = [];

    /// <summary>How many manipulations; one may touch two rows.</summary>
    internal int Count { get; private set; }

    /// <summary>Roll-backs within a second of the honest write.</summary>
    internal int FastRollBacks { get; private set; }

    /// <summary>Deletions after which the same SAD, approval or request was sent again.</summary>
    internal int Replayed { get; private set; }

    /// <summary>Manipulations of state and counter rows.</summary>
    internal int StateRows => _stateRows;

    /// <summary>Whether a deletion that is followed by a replay is due.</summary>
    internal bool IsReplayDue => Share(Replayed) < 0.2;

    /// <summary>Whether rows are left alone that all signers and officers need: or nothing would go on.</summary>
    internal bool SparesWhatAllNeed { get; set; }

    /// <summary>Does whatever is due: the shares that were asked for first.</summary>
    /// <param name="isRunning">Whether hosts are at work.</param>
    internal async Task ActAsync(bool isRunning)
    {
        if (isRunning && Share(FastRollBacks) < 0.42 && await RollBackFreshAsync())
        {
            return;
        }

        if (Share(_stateRows) < 0.12 && Pick(table.Honest(SamTable.Signers).Where(row => IsState(row.Address))) is { } state)
        {
            await ActOnAsync(state);
            return;
        }

        SamTable chosen = Next(100) < 14 ? SamTable.Audit : Pick(SparesWhatAllNeed ? _ofOne : _all);
        if (Pick(table.Honest(chosen)) is { } row)
        {
            await ActOnAsync(row);
        }
    }

    /// <summary>What happened to a row.</summary>
    internal string StoryOf(RowAddress address)
    {
        lock (_lock)
        {
            return table.StoryOf(address, Attacks);
        }
    }

    /// <summary>Deletes a row, for somebody who will send again what it stood for.</summary>
    internal async Task DeleteForReplayAsync(params IEnumerable<RowAddress> rows)
    {
        List<Attack> parts = [];
        foreach (RowAddress row in rows)
        {
            parts.Add(await DeleteAsync(row));
        }

        Note(Manipulation.DeleteAndReplay, parts);
        lock (_lock)
        {
            Replayed++;
        }
    }

    /// <summary>Writes back what stood there before the last honest write; false when that is not known, or he does not get at it.</summary>
    internal async Task<Attack?> RollBackAsync(RowAddress address)
    {
        if (table.History(address) is not [.., { Before: { } before } last])
        {
            return null;
        }

        Attack attack = await WriteAsync(address, before);
        Note(Manipulation.RollBack, [attack]);
        lock (_lock)
        {
            FastRollBacks += Stopwatch.GetElapsedTime(last.At, attack.At) < _fast ? 1 : 0;
        }

        return attack;
    }

    /// <summary>Puts back what a SAM wrote there last.</summary>
    internal async Task RestoreAsync(RowAddress address)
    {
        if (table.History(address) is [.., { Content: { } content }])
        {
            _ = await Table(address).UpsertEntityAsync(RowEntity.From(address.PartitionKey, address.RowKey, content), TableUpdateMode.Replace);
        }
        else
        {
            _ = await Table(address).DeleteEntityAsync(address.PartitionKey, address.RowKey);
        }

        table.Restored(address);
    }

    /// <summary>Several rows of the audit at once, as from somebody who wants an end gone.</summary>
    internal async Task CutAsync(IEnumerable<RowAddress> rows)
    {
        List<Attack> parts = [];
        foreach (RowAddress row in rows)
        {
            parts.Add(await DeleteAsync(row));
        }

        Note(Manipulation.Delete, parts);
    }

    internal TableClient Table(RowAddress address) => _service.GetTableClient(prefix + address.Table);

    /// <summary>State rows and counters: what decides whether a key may be used.</summary>
    internal static bool IsState(RowAddress address) =>
        address.Table == SamTable.Signers && (address.RowKey is "signer" or "counters" or "challenges" || address.RowKey.StartsWith("credential-", StringComparison.Ordinal));

    internal int Next(int end)
    {
        lock (_lock)
        {
            return _random.Next(end);
        }
    }

    private double Share(int count) => (double)count / Math.Max(1, Count);

    private T? Pick<T>(IEnumerable<T> all)
    {
        T[] some = [.. all];
        return some.Length == 0 ? default : some[Next(some.Length)];
    }

    private async Task<bool> RollBackFreshAsync() =>
        Pick(table.Fresh(_fast * 0.9).Where(write => table.StandingAt(write.Address) is null)) is { } write && await RollBackAsync(write.Address) is not null;

    private async Task ActOnAsync(HonestWrite row)
    {
        RowAddress address = row.Address;
        byte[] content = row.Content!;
        HonestWrite other = Other(row);
        Manipulation kind = Pick(Enum.GetValues<Manipulation>().Where(m => m != Manipulation.DeleteAndReplay));
        (kind, IReadOnlyList<Attack> parts) = kind switch
        {
            Manipulation.Truncate => (kind, [await WriteAsync(address, content[..^(1 + Next(content.Length - 1))])]),
            Manipulation.Delete => (kind, [await DeleteAsync(address)]),
            Manipulation.RollBack when Pick(table.History(address).SkipLast(1).Where(w => w.Content is not null)) is { } older => (kind, [await WriteAsync(address, older.Content!)]),
            Manipulation.Swap when other.Address != address => (kind, [await WriteAsync(address, other.Content!), await WriteAsync(other.Address, content)]),
            Manipulation.Copy when other.Address != address => (kind, [await WriteAsync(other.Address, content)]),
            Manipulation.Move when other.Address != address => (kind, [await WriteAsync(other.Address, content), await DeleteAsync(address)]),
            Manipulation.ReKey => (kind, [await WriteAsync(Strange(address), content)]),
            Manipulation.ReInsert when Pick(table.Gone()) is { } gone => (kind, [await WriteAsync(gone.Address, gone.Content!)]),
            Manipulation.ReInsert => (kind, [await DeleteAsync(address), await WriteAsync(address, content)]),
            _ => (Manipulation.Flip, (IReadOnlyList<Attack>)[await WriteAsync(address, Flipped(content))]),
        };
        Note(kind, parts);
    }

    /// <summary>As often as not a row of the same name in another partition: what a seal tells apart by the partition alone.</summary>
    private HonestWrite Other(HonestWrite row)
    {
        IReadOnlyList<HonestWrite> rows = table.Honest(row.Address.Table);
        return Pick(rows.Where(o => Next(2) == 0 && o.Address != row.Address && o.Address.RowKey.Split('-')[0] == row.Address.RowKey.Split('-')[0])) ?? Pick(rows)!;
    }

    /// <summary>A key of the same form that nobody gave.</summary>
    private RowAddress Strange(RowAddress address)
    {
        char[] key = address.RowKey.ToCharArray();
        int at = key.Length - 1 - Next(Math.Min(8, key.Length));
        key[at] = key[at] == '7' ? '8' : '7';
        RowAddress strange = address with { RowKey = new string(key) };
        return table.History(strange).Count == 0 ? strange : address with { RowKey = address.RowKey + "0" };
    }

    private byte[] Flipped(byte[] content)
    {
        byte[] changed = [.. content];
        changed[Next(changed.Length)] ^= (byte)(1 << Next(8));
        return changed;
    }

    private Task<Attack> WriteAsync(RowAddress address, byte[] content) => table.AttackAsync(
        address, content, () => Table(address).UpsertEntityAsync(RowEntity.From(address.PartitionKey, address.RowKey, content), TableUpdateMode.Replace));

    private Task<Attack> DeleteAsync(RowAddress address) =>
        table.AttackAsync(address, null, () => Table(address).DeleteEntityAsync(address.PartitionKey, address.RowKey));

    private void Note(Manipulation kind, IReadOnlyList<Attack> parts)
    {
        lock (_lock)
        {
            Count++;
            Attacks.AddRange(parts);
            RowAddress first = parts[0].Address;
            Kinds[kind.ToString()] = Kinds.GetValueOrDefault(kind.ToString()) + 1;
            Tables[first.Table.ToString()] = Tables.GetValueOrDefault(first.Table.ToString()) + 1;
            _stateRows += IsState(first) ? 1 : 0;
            if (first.Table == SamTable.Audit)
            {
                OnTheAudit.Add((kind, parts));
            }
        }
    }
}
