using System.Security.Cryptography;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Testing.InMemory;

namespace Sam.Tests.Properties;

/// <summary>
/// What the model knows of the table: for each content that the SAM ever wrote, where it was written, when, and what it means. From that alone it says what a reader must
/// see at an address now, without opening a seal.
/// </summary>
internal sealed class Ledger
{
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(5);

    private readonly InMemoryRowStore _table;
    private readonly Dictionary<string, (RowAddress Address, DateTimeOffset SealedAt, object? Meaning)> _contents = [];
    private readonly List<StoredRow> _history = [];

    internal Ledger(InMemoryRowStore table) => _table = table;

    /// <summary>Every row that the SAM wrote, the oldest first: what an adversary may have kept.</summary>
    internal IReadOnlyList<StoredRow> History => _history;

    internal bool Knows(StoredRow row) => _contents.ContainsKey(Key(row.Content));

    /// <summary>The SAM wrote this.</summary>
    internal void Add(StoredRow row, DateTimeOffset sealedAt, object? meaning)
    {
        _contents[Key(row.Content)] = (row.Address, sealedAt, meaning);
        _history.Add(row);
    }

    /// <summary>Somebody else made this up: it opens nowhere.</summary>
    internal void AddForeign(ReadOnlyMemory<byte> content) => _contents[Key(content)] = (default, default, null);

    /// <summary>The row as it stands in the table.</summary>
    internal StoredRow? Find(RowAddress address) => _table.ReadAsync(address, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>What a reader must make of it.</summary>
    internal Seen See(RowAddress address)
    {
        if (Find(address) is not { } row)
        {
            return new Seen(SamErrorCode.RowMissing, null, default);
        }

        (RowAddress Address, DateTimeOffset SealedAt, object? Meaning) known = _contents.GetValueOrDefault(Key(row.Content));
        SamErrorCode? fault = known.Address != address ? SamErrorCode.RowBroken
            : (row.Timestamp - known.SealedAt).Duration() > _tolerance ? SamErrorCode.RowRolledBack
            : null;
        return new Seen(fault, fault == SamErrorCode.RowBroken ? null : known.Meaning, row.ETag);
    }

    private static string Key(ReadOnlyMemory<byte> content) => Convert.ToHexString(SHA256.HashData(content.Span));
}

/// <summary>What a reader sees of a row: a fault or none, what it meant where it was written, and its version.</summary>
internal sealed record Seen(SamErrorCode? Fault, object? Meaning, RowETag ETag);

/// <summary>A client's row.</summary>
internal sealed record ClientState(bool Approved);

/// <summary>A credential's row: suspended or not, and which of the signer's PINs it holds.</summary>
internal sealed record CredentialState(bool Suspended, int Pin);

/// <summary>A transaction's row: who spent it, if anybody.</summary>
internal sealed record TransactionState(Flow? SpentBy);
