using Sam.Cli.Admin;
using Sam.Core.Audit;

namespace Sam.Cli.Audit;

/// <summary>
/// Compares what the audit says with what was done (SIG-5, T-INS-1): each authorization with what became of its SAD, each use of a signer's key with the HSM's own log.
/// </summary>
/// <param name="toTheEnd">Whether the last minute is judged as well: of a SAM that is at work its records may be still to come.</param>
internal sealed class Reconciliation(bool toTheEnd)
{
    // From the spend until nothing is released any more.
    private static readonly TimeSpan _longestUse = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Transaction> _transactions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Operation> _operations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly List<Interrupted> _interrupted = [];
    private readonly List<string> _strays = [];
    private DateTimeOffset? _first;
    private DateTimeOffset _last;

    /// <summary>What does not agree, named.</summary>
    internal IReadOnlyList<string> Strays => _strays;

    /// <summary>
    /// SADs that were spent by a process that ended before it recorded what came of it, named. Their rows explain them, and what the HSM made of them: the operation, and when. Nothing of them was released.
    /// </summary>
    internal IReadOnlyList<string> InterruptedOperations => [.. _interrupted.Select(i => i.What)];

    /// <summary>SADs that were issued and, as their rows say, never spent.</summary>
    internal int Unused { get; private set; }

    /// <summary>SADs without an outcome whose rows are purged: whether they were spent is not known any more.</summary>
    internal int Unknown { get; private set; }

    internal int Sads => _transactions.Values.Sum(t => t.Sads);

    /// <summary>Operations that used a signer's key, or may have.</summary>
    internal int Operations => _operations.Values.Count(o => o.Most > 0);

    /// <summary>Signatures that the audit has.</summary>
    internal long Signatures => _operations.Values.Sum(o => (long)o.Least);

    /// <summary>Signatures in the HSM's log by keys of the SAM's own.</summary>
    internal long OwnUses { get; private set; }

    internal void Take(string chain, OpenedRow row)
    {
        for (int i = 0; i < row.Records.Count; i++)
        {
            Take(row.Records[i], $"{chain}-{row.Sequence}-{i}");
        }
    }

    /// <summary>Asks of each transaction whose SADs are more than its outcomes what its row says.</summary>
    internal async Task AskAsync(AdminClient sam, CancellationToken cancellationToken)
    {
        foreach ((string id, Transaction transaction) in _transactions.Where(t => t.Value.Sads > t.Value.Outcomes.Count))
        {
            AuditedTransactionRecord row = (await sam.FindTransactionAsync(id, cancellationToken)).OrFail().Value;
            if (!row.Kept)
            {
                Unknown++;
            }
            else if (row.Operation is not { } operation)
            {
                Unused++;
            }
            else if (!transaction.Outcomes.Contains(operation) && !transaction.Refused.Contains(operation) && row.SpentAt < End(KeyUses.Longest))
            {
                _interrupted.Add(new Interrupted(
                    $"transaction {id}: its SAD was spent at {row.SpentAt:u} by operation {operation}, whose process ended before it recorded an outcome: the key may have been used, and nothing was released",
                    transaction.Credential is { } credential ? _keys.GetValueOrDefault(credential) : null,
                    row.SpentAt!.Value,
                    transaction.MostPerSad));
            }
        }
    }

    /// <summary>Compares with the HSM's log, for the time that both are of.</summary>
    internal void Compare(IEnumerable<HsmUse> log, IReadOnlyList<string> ownKeys)
    {
        HashSet<string> own = [.. ownKeys.Select(HsmUse.NameOf)];
        Dictionary<string, KeyUses> keys = new(StringComparer.Ordinal);
        foreach ((string id, Operation operation) in _operations.Where(o => o.Value is { Key: not null, Most: > 0 }))
        {
            Find(HsmUse.NameOf(operation.Key!)).AddRecorded(operation.Time, operation.Least, operation.Most, $"operation {id}");
        }

        foreach (Interrupted interrupted in _interrupted.Where(i => i.Key is not null))
        {
            Find(HsmUse.NameOf(interrupted.Key!)).AddRecorded(interrupted.SpentAt + _longestUse, least: 0, interrupted.Most, interrupted.What);
        }

        foreach (HsmUse use in log)
        {
            if (own.Contains(use.Key))
            {
                OwnUses++;
            }
            else
            {
                Find(use.Key).AddMade(use.Time);
            }
        }

        _strays.AddRange(keys.OrderBy(k => k.Key, StringComparer.Ordinal).SelectMany(k => k.Value.FindStrays((_first ?? DateTimeOffset.MinValue) - KeyUses.Skew, End(KeyUses.Longest))));

        KeyUses Find(string key) => keys.TryGetValue(key, out KeyUses? found) ? found : keys[key] = new KeyUses(key);
    }

    private void Take(AuditRecord record, string place)
    {
        _first = _first is { } first && first < record.Time ? first : record.Time;
        _last = record.Time > _last ? record.Time : _last;
        if (record is { Credential: { } owner, Key: { } key })
        {
            _keys[owner] = key;
        }

        switch (record.Event)
        {
            case AuditEvent.Authorized or AuditEvent.TransactionExtended when record.Transaction is { } transaction:
                Transaction found = Find(transaction);
                found.Sads++;
                found.Credential ??= record.Credential;
                found.MostPerSad = Math.Max(found.MostPerSad, record.DigestCount ?? 0);
                break;
            case AuditEvent.SignaturesReleased or AuditEvent.SigningFailed when record.Operation is { } operation:
                Use(operation, record, record.SignatureDigests?.Count ?? 0, record.HandedOver ?? record.DigestCount ?? 0);
                if (record.Transaction is { } ended)
                {
                    _ = Find(ended).Outcomes.Add(operation);
                }

                break;

            // A spend in doubt that arrived after all: no key was used for it.
            case AuditEvent.SigningRefused when record is { Operation: { } operation, Transaction: { } refused }:
                _ = Find(refused).Refused.Add(operation);
                break;
            case AuditEvent.RequestMade:
                Use(place, record, 1, 1);
                break;
            default:
                break;
        }
    }

    /// <summary>One operation may have two records: signatures that were made, and not released after all.</summary>
    private void Use(string operation, AuditRecord record, int least, int most)
    {
        Operation known = _operations.GetValueOrDefault(operation) ?? new Operation(record.Key, record.Time, 0, 0);
        _operations[operation] = known with { Key = known.Key ?? record.Key, Least = Math.Max(known.Least, least), Most = Math.Max(known.Most, most) };
    }

    /// <summary>Until when all that began is recorded.</summary>
    private DateTimeOffset End(TimeSpan underWay) => toTheEnd ? DateTimeOffset.MaxValue : _last - underWay;

    private Transaction Find(string id) => _transactions.TryGetValue(id, out Transaction? found) ? found : _transactions[id] = new Transaction();

    private sealed class Transaction
    {
        internal int Sads { get; set; }

        internal string? Credential { get; set; }

        /// <summary>How many digests one of its SADs is for, at most.</summary>
        internal int MostPerSad { get; set; }

        /// <summary>Operations that spent a SAD.</summary>
        internal HashSet<string> Outcomes { get; } = new(StringComparer.Ordinal);

        /// <summary>Operations that were refused: anybody can make them, so they stand for no SAD.</summary>
        internal HashSet<string> Refused { get; } = new(StringComparer.Ordinal);
    }

    private sealed record Interrupted(string What, string? Key, DateTimeOffset SpentAt, int Most);

    private sealed record Operation(string? Key, DateTimeOffset Time, int Least, int Most);
}
