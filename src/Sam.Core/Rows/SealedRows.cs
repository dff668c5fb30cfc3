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

    /// <summary>The rows of a partition whose keys begin with a prefix. Never on the path of authorize or signHash.</summary>
    /// <exception cref="RowStoreException">A row does not open: a list that left it out would hide that somebody changed it.</exception>
    internal async IAsyncEnumerable<(RowAddress Address, SealedRow<T> Row)> ListAsync<T>(
        SamTable table, string partitionKey, string prefix, RowSchema<T> schema, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        // '~' sorts behind every character of a key, and needs no escaping in a query.
        await foreach (StoredRow row in _store.ListAsync(table, partitionKey, prefix, prefix + '~', cancellationToken))
        {
            yield return Open(row, schema).IsRefused(out Refusal? refusal, out SealedRow<T>? opened)
                ? throw new RowStoreException($"{row.Address}: {refusal.Code}.")
                : (row.Address, opened);
        }
    }

    /// <summary>Refused with RowConflict: a row stands there already.</summary>
    internal Task<Result<RowETag>> InsertAsync<T>(RowAddress address, RowSchema<T> schema, T value, CancellationToken cancellationToken)
        where T : class => WriteAsync(address, schema, value, replaced: null, cancellationToken);

    /// <summary>Refused with RowConflict: the row has another version, or is gone.</summary>
    internal Task<Result<RowETag>> ReplaceAsync<T>(RowAddress address, RowSchema<T> schema, T value, RowETag etag, CancellationToken cancellationToken)
        where T : class => WriteAsync(address, schema, value, etag, cancellationToken);

    /// <summary>Seals one row for a commit of its partition.</summary>
    internal async Task<byte[]> SealAsync<T>(RowAddress address, RowSchema<T> schema, T value, CancellationToken cancellationToken)
        where T : class =>
        _sealer.Seal(address, schema.Name, await _store.GetTimeAsync(cancellationToken), JsonSerializer.SerializeToUtf8Bytes(value, schema.Json));

    /// <summary>Commits 1 to 100 changes of one partition, all or none. Refused with RowConflict. Not for the path of a signature.</summary>
    internal async Task<Result<RowWriteResult>> CommitAsync(SamTable table, string partitionKey, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        RowWriteResult result = await _store.CommitAsync(table, partitionKey, changes, cancellationToken);
        if (result.Outcome == RowWriteOutcome.Written)
        {
            return result;
        }

        // All or none, so one row tells for all.
        (string key, ReadOnlyMemory<byte> content) = changes
            .Select(c => c switch
            {
                RowChange.Insert insert => (insert.RowKey, insert.Content),
                RowChange.Replace replace => (replace.RowKey, replace.Content),
                _ => (c.RowKey, default),
            })
            .First(c => !c.Item2.IsEmpty);
        StoredRow? found = await _store.ReadAsync(new RowAddress(table, partitionKey, key), cancellationToken);
        if (found is not null && found.Content.Span.SequenceEqual(content.Span))
        {
            return new RowWriteResult(RowWriteOutcome.Written, found.ETag, found.Timestamp);
        }

        return result.Outcome == RowWriteOutcome.Conflict ? SamErrorCode.RowConflict : throw InDoubt();
    }

    private static RowStoreException InDoubt() => new("A write is in doubt: the store did not answer, and the row does not show it (yet).");

    private Result<SealedRow<T>> Open<T>(StoredRow row, RowSchema<T> schema)
        where T : class
    {
        if (_sealer.Open(row, schema.Name).IsRefused(out Refusal? refusal, out byte[]? plaintext))
        {
            return refusal;
        }

        return JsonSerializer.Deserialize(plaintext, schema.Json) is { } value
            ? new SealedRow<T>(value, row.ETag)
            : SamErrorCode.RowBroken;
    }

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
        if (written.Outcome != RowWriteOutcome.Written)
        {
            StoredRow? found = await _store.ReadAsync(address, CancellationToken.None);
            if (found is null || !found.Content.Span.SequenceEqual(content))
            {
                return written.Outcome == RowWriteOutcome.Conflict ? SamErrorCode.RowConflict : throw InDoubt();
            }

            written = new RowWriteResult(RowWriteOutcome.Written, found.ETag, found.Timestamp);
        }

        bool late = (written.ServerDate - writeTime).Duration() > _lateness;
        return late ? await SealAnewAsync(address, schema.Name, json, written.ETag) : written.ETag;
    }

    private async Task<Result<RowETag>> SealAnewAsync(RowAddress address, string schema, byte[] json, RowETag etag)
    {
        DateTimeOffset writeTime = await _store.GetTimeAsync(CancellationToken.None);
        byte[] content = _sealer.Seal(address, schema, writeTime, json);
        RowWriteResult again = await _store.ReplaceAsync(address, content, etag, CancellationToken.None);
        bool late = (again.ServerDate - writeTime).Duration() > _lateness;
        return again.Outcome == RowWriteOutcome.Written && !late
            ? again.ETag
            : throw new RowStoreException("A write arrived too late, and sealing it anew failed.");
    }
}
