using System.Runtime.CompilerServices;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Audit;

/// <summary>What a process learns of the chains of others, by the checkpoints they sign: so a chain cannot vanish whole while another one that named it stands.</summary>
internal sealed class ForeignHeads
{
    // A checkpoint may arrive this much later than it is dated.
    private static readonly TimeSpan _overlap = TimeSpan.FromSeconds(60);

    // How far a new process looks back.
    private static readonly TimeSpan _lookBack = TimeSpan.FromHours(1);

    // Beyond it, what is known is forgotten, and named once more.
    private const int MaxKnown = 10_000;

    private readonly IRowStore _store;
    private readonly ModuleIdentity _identity;
    private readonly string _ownChain;
    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChainHead> _news = new(StringComparer.Ordinal);
    private DateTimeOffset? _readUpTo;

    internal ForeignHeads(IRowStore store, ModuleIdentity identity, string ownChain)
    {
        _store = store;
        _identity = identity;
        _ownChain = ownChain;
    }

    /// <summary>What was learnt and not named yet, as many as a checkpoint takes.</summary>
    internal IReadOnlyList<ChainHead> News => [.. _news.Values.Take(AuditFormat.MaxOtherHeads)];

    /// <summary>These were named.</summary>
    internal void Forget(IEnumerable<ChainHead> named)
    {
        foreach (ChainHead head in named.Where(head => _news.GetValueOrDefault(head.ChainId) == head))
        {
            _ = _news.Remove(head.ChainId);
        }
    }

    /// <exception cref="RowStoreException">The store is away.</exception>
    internal async Task LearnAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        DateTimeOffset from = _readUpTo is { } last ? last - _overlap : now - _lookBack;
        await foreach (StoredRow row in ListAsync(from, now, cancellationToken))
        {
            string chain = row.Address.RowKey[(row.Address.RowKey.LastIndexOf('-') + 1)..];
            if (chain == _ownChain || AuditCheckpoint.ReadHead(row.Content.Span, _identity) is not { } head || head.ChainId != chain || head.Sequence <= _known.GetValueOrDefault(chain, -1))
            {
                continue;
            }

            if (_known.Count >= MaxKnown)
            {
                _known.Clear();
            }

            _known[chain] = head.Sequence;
            _news[chain] = head;
        }

        _readUpTo = now;
    }

    private async IAsyncEnumerable<StoredRow> ListAsync(DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (DateTime day = from.UtcDateTime.Date; day <= to.UtcDateTime.Date; day = day.AddDays(1))
        {
            string partition = AuditCheckpoint.Partition(new DateTimeOffset(day, TimeSpan.Zero));
            await foreach (StoredRow row in _store.ListAsync(SamTable.Audit, partition, AuditCheckpoint.RowKey(from), "~", cancellationToken))
            {
                yield return row;
            }
        }
    }
}
