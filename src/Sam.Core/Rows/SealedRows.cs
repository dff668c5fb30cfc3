using System.Runtime.CompilerServices;
using System.Text.Json;
using Sam.Core.Results;
using Sam.Core.Sealing;

namespace Sam.Core.Rows;

/// <summary>
/// The one way from the domain to a table: seals on the way in, opens on the way out, and settles writes that are in doubt (security decision 4).
/// </summary>
/// <remarks>
/// A write that was not answered, or answered with a conflict, is read back: a sealed row is unlike any other ever written, so finding exactly our bytes means that we wrote them.
/// A write that arrived so late that its seal would look rolled back is sealed anew at once, under its new version.
/// </remarks>
internal sealed class SealedRows
{
    // The Date header has whole seconds: what shows as 4 s late may be 5 s late by the row's own Timestamp.
    private static readonly TimeSpan _lateness = RowSealer.Tolerance - TimeSpan.FromSeconds(1);

    private const int MaxNewSeals = 3;

    // '~' sorts behind every character of a key, and needs no escaping in a query.
    private const string AfterAllKeys = "~";

    private readonly IRowStore _store;
    private readonly IRowSealer _sealer;

    internal SealedRows(IRowStore store, IRowSealer sealer)
    {
        _store = store;
        _sealer = sealer;
    }

    internal ValueTask<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) => _store.GetTimeAsync(cancellationToken);

    /// <summary>Refused with RowMissing, RowBroken or RowRolledBack.</summary>
    internal async Task<Result<SealedRow<T>>> ReadAsync<T>(RowAddress address, RowSchema<T> schema, CancellationToken cancellationToken)
        where T : class
    {
        StoredRow? row = await _store.ReadAsync(address, cancellationToken);
        return row is null ? SamErrorCode.RowMissing : Open(row, schema);
    }

    /// <summary>
    /// A row that the caller is about to write over as a whole. Its age is not asked: a write that came late, and whose writer ended before it could seal it anew,
    /// would otherwise be in the way for good. So nothing may be decided by its content. Refused with RowMissing or RowBroken.
    /// </summary>
    internal async Task<Result<SealedRow<T>>> ReadToOverwriteAsync<T>(RowAddress address, RowSchema<T> schema, CancellationToken cancellationToken)
        where T : class
    {
        StoredRow? row = await _store.ReadAsync(address, cancellationToken);
        return row is null ? SamErrorCode.RowMissing : Parse(_sealer.OpenOfAnyAge(row, schema.Name), row.ETag, schema);
    }

    /// <summary>
    /// A row that must not stand in the way, in whatever state it is: its version (null: there is none), and what it holds or what is wrong with it. For whoever writes it anew when it does not open.
    /// </summary>
    internal async Task<(RowETag? ETag, Result<SealedRow<T>> Row)> ReadAnyAsync<T>(RowAddress address, RowSchema<T> schema, CancellationToken cancellationToken)
        where T : class
    {
        StoredRow? row = await _store.ReadAsync(address, cancellationToken);
        return row is null ? (null, SamErrorCode.RowMissing) : (row.ETag, Open(row, schema));
    }

    /// <summary>The rows of a partition whose keys begin with a prefix, each with what is wrong with it: for whoever goes on without those that do not open.</summary>
    internal async IAsyncEnumerable<(RowAddress Address, Result<SealedRow<T>> Row)> ListAnyAsync<T>(
        SamTable table, string partitionKey, string prefix, RowSchema<T> schema, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        await foreach (StoredRow row in _store.ListAsync(table, partitionKey, prefix, prefix + AfterAllKeys, cancellationToken))
        {
            yield return (row.Address, Open(row, schema));
        }
    }

    /// <summary>The rows of a partition whose keys begin with a prefix. Never on the path of authorize or signHash.</summary>
    /// <exception cref="RowStoreException">A row does not open: a list that left it out would hide that somebody changed it.</exception>
    internal IAsyncEnumerable<(RowAddress Address, SealedRow<T> Row)> ListAsync<T>(
        SamTable table, string partitionKey, string prefix, RowSchema<T> schema, CancellationToken cancellationToken)
        where T : class => ListAsync(table, partitionKey, prefix, prefix + AfterAllKeys, schema, cancellationToken);

    /// <summary>The rows of a partition from a key on, in order: for partitions of one kind of rows.</summary>
    /// <exception cref="RowStoreException">As <see cref="ListAsync{T}(SamTable, string, string, RowSchema{T}, CancellationToken)"/>.</exception>
    internal IAsyncEnumerable<(RowAddress Address, SealedRow<T> Row)> ListFromAsync<T>(
        SamTable table, string partitionKey, string from, RowSchema<T> schema, CancellationToken cancellationToken)
        where T : class => ListAsync(table, partitionKey, from, AfterAllKeys, schema, cancellationToken);

    /// <summary>Refused with RowConflict: a row stands there already.</summary>
    internal Task<Result<RowETag>> InsertAsync<T>(RowAddress address, RowSchema<T> schema, T value, CancellationToken cancellationToken)
        where T : class => WriteAsync(address, schema, value, replaced: null, cancellationToken);

    /// <summary>Refused with RowConflict: the row has another version, or is gone.</summary>
    internal Task<Result<RowETag>> ReplaceAsync<T>(RowAddress address, RowSchema<T> schema, T value, RowETag etag, CancellationToken cancellationToken)
        where T : class => WriteAsync(address, schema, value, etag, cancellationToken);

    /// <summary>Deletes the row of this version, if it can: for rows that do no harm when they stay, and are found again by whoever looks for them.</summary>
    internal Task DeleteAsync(RowAddress address, RowETag etag, CancellationToken cancellationToken) => _store.DeleteAsync(address, etag, cancellationToken);

    /// <summary>Where the rows of a partition stand that come before a key: for whoever goes on when one of them does not open.</summary>
    internal async IAsyncEnumerable<RowAddress> ListAddressesAsync(SamTable table, string partitionKey, string before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StoredRow row in _store.ListAsync(table, partitionKey, string.Empty, before, cancellationToken))
        {
            yield return row.Address;
        }
    }

    /// <summary>Writes 1 to 100 rows of one partition, all or none. Refused with RowConflict. Not for the path of a signature.</summary>
    internal async Task<Result<RowWriteResult>> CommitAsync(IReadOnlyList<RowWrite> writes, CancellationToken cancellationToken)
    {
        RowAddress first = writes[0].Address;
        DateTimeOffset writeTime = await _store.GetTimeAsync(cancellationToken);
        byte[][] contents = [.. writes.Select(w => _sealer.Seal(w.Address, w.Schema, writeTime, w.Json))];
        RowWriteResult written = await _store.CommitAsync(first.Table, first.PartitionKey, Changes(writes, contents), cancellationToken);

        // All or none, so one row tells for all.
        written = await SettleAsync(written, first, contents[0]);
        if (written.Outcome != RowWriteOutcome.Written)
        {
            return Unwritten(written.Outcome);
        }

        return IsLate(written, writeTime) ? await CommitAnewAsync(writes, contents) : written;
    }

    private async IAsyncEnumerable<(RowAddress Address, SealedRow<T> Row)> ListAsync<T>(
        SamTable table, string partitionKey, string from, string before, RowSchema<T> schema, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        await foreach (StoredRow row in _store.ListAsync(table, partitionKey, from, before, cancellationToken))
        {
            yield return Open(row, schema).IsRefused(out Refusal? refusal, out SealedRow<T>? opened)
                ? throw new RowStoreException($"{row.Address}: {refusal.Code}.")
                : (row.Address, opened);
        }
    }

    private static RowStoreException InDoubt() => new("A write is in doubt: the store did not answer, and the row does not show it (yet).");

    private static SamErrorCode Unwritten(RowWriteOutcome outcome) => outcome == RowWriteOutcome.Conflict ? SamErrorCode.RowConflict : throw InDoubt();

    private static RowStoreException TooLate() => new("A write arrived too late, and sealing it anew failed.");

    private static bool IsLate(RowWriteResult written, DateTimeOffset writeTime) => (written.ServerDate - writeTime).Duration() > _lateness;

    private static RowChange[] Changes(IReadOnlyList<RowWrite> writes, byte[][] contents) =>
        [.. writes.Zip(contents, (write, content) => write.ToChange(content))];

    private static Result<SealedRow<T>> Parse<T>(Result<byte[]> opened, RowETag etag, RowSchema<T> schema)
        where T : class
    {
        if (opened.IsRefused(out Refusal? refusal, out byte[]? plaintext))
        {
            return refusal;
        }

        return JsonSerializer.Deserialize(plaintext, schema.Json) is { } value
            ? new SealedRow<T>(value, etag)
            : SamErrorCode.RowBroken;
    }

    private Result<SealedRow<T>> Open<T>(StoredRow row, RowSchema<T> schema)
        where T : class => Parse(_sealer.Open(row, schema.Name), row.ETag, schema);

    private async Task<Result<RowETag>> WriteAsync<T>(RowAddress address, RowSchema<T> schema, T value, RowETag? replaced, CancellationToken cancellationToken)
        where T : class
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(value, schema.Json);
        DateTimeOffset writeTime = await _store.GetTimeAsync(cancellationToken);
        byte[] content = _sealer.Seal(address, schema.Name, writeTime, json);
        RowWriteResult written = replaced is { } etag
            ? await _store.ReplaceAsync(address, content, etag, cancellationToken)
            : await _store.InsertAsync(address, content, cancellationToken);

        // From here on the row may stand in the table: finish, whoever hangs up.
        written = await SettleAsync(written, address, content);
        if (written.Outcome != RowWriteOutcome.Written)
        {
            return Unwritten(written.Outcome);
        }

        return IsLate(written, writeTime) ? await SealAnewAsync(address, schema.Name, json, written.ETag) : written.ETag;
    }

    /// <summary>A write that was not answered, or answered with a conflict, and stands in the table nevertheless, was written.</summary>
    private async Task<RowWriteResult> SettleAsync(RowWriteResult answer, RowAddress address, byte[] content)
    {
        if (answer.Outcome == RowWriteOutcome.Written)
        {
            return answer;
        }

        StoredRow? found = await _store.ReadAsync(address, CancellationToken.None);
        return found is null || !found.Content.Span.SequenceEqual(content)
            ? answer
            : new RowWriteResult(RowWriteOutcome.Written, found.ETag, found.Timestamp);
    }

    /// <summary>
    /// A late row is refused as rolled back, for good, so this does not end with the first try that fails. Each try stands under the version of our own row:
    /// it writes over nobody.
    /// </summary>
    private async Task<Result<RowETag>> SealAnewAsync(RowAddress address, string schema, byte[] json, RowETag etag)
    {
        for (int tries = 0; tries < MaxNewSeals; tries++)
        {
            DateTimeOffset writeTime = await _store.GetTimeAsync(CancellationToken.None);
            byte[] content = _sealer.Seal(address, schema, writeTime, json);
            RowWriteResult again = await SettleAsync(await _store.ReplaceAsync(address, content, etag, CancellationToken.None), address, content);
            if (again.Outcome != RowWriteOutcome.Written)
            {
                continue;
            }

            if (!IsLate(again, writeTime))
            {
                return again.ETag;
            }

            etag = again.ETag;
        }

        throw TooLate();
    }

    private async Task<RowWriteResult> CommitAnewAsync(IReadOnlyList<RowWrite> writes, byte[][] contents)
    {
        RowAddress first = writes[0].Address;
        for (int tries = 0; tries < MaxNewSeals; tries++)
        {
            List<RowWrite> replacements = await FindOursAsync(writes, contents);
            DateTimeOffset writeTime = await _store.GetTimeAsync(CancellationToken.None);
            byte[][] sealedAnew = [.. writes.Select(w => _sealer.Seal(w.Address, w.Schema, writeTime, w.Json))];
            RowWriteResult committed = await _store.CommitAsync(first.Table, first.PartitionKey, Changes(replacements, sealedAnew), CancellationToken.None);
            committed = await SettleAsync(committed, first, sealedAnew[0]);
            if (committed.Outcome != RowWriteOutcome.Written)
            {
                continue;
            }

            if (!IsLate(committed, writeTime))
            {
                return committed;
            }

            contents = sealedAnew;
        }

        throw TooLate();
    }

    /// <summary>The rows of a commit under the versions they have now.</summary>
    /// <exception cref="RowStoreException">One of them is not ours any more: what somebody else wrote is not written over.</exception>
    private async Task<List<RowWrite>> FindOursAsync(IReadOnlyList<RowWrite> writes, byte[][] contents)
    {
        List<RowWrite> ours = [];
        foreach ((RowWrite write, byte[] content) in writes.Zip(contents))
        {
            StoredRow? found = await _store.ReadAsync(write.Address, CancellationToken.None);
            ours.Add(found is not null && found.Content.Span.SequenceEqual(content) ? write with { Replaced = found.ETag } : throw TooLate());
        }

        return ours;
    }
}
