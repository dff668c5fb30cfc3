using System.Security.Cryptography;
using Sam.Core.Audit;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Officers;

/// <summary>
/// Makes once what a privileged user asks for several times under one idempotency key, because answers get lost.
/// </summary>
/// <remarks>
/// The row comes first, with the id of what is to be made. So a request that broke off anywhere is taken up under the same id: what was made is found by it, and what was not is made by it,
/// and of two who are at it the insert of that id lets one through. No answer is kept: what was made is told as it is, and codes are not told twice.
/// </remarks>
public sealed class Creations
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Rows are spread over so many partitions.</summary>
    internal const int Shards = 16;

    // Longer than the slowest HSM takes for a key: who is still at work then finds the id taken.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly SealedRows _rows;
    private readonly IAuditLog _audit;

    internal Creations(SealedRows rows, IAuditLog audit)
    {
        _rows = rows;
        _audit = audit;
    }

    /// <summary>
    /// Makes it, or finds it made by the same request before; gives its id. Without a key it is simply made. Refused with IdempotencyKeyReused (another request has the key),
    /// RequestUnderWay, AnswerNotKept (it is told once), or as the making refuses: then nothing was made, and the key is free.
    /// </summary>
    /// <param name="officer">Who asks.</param>
    /// <param name="key">Their key; null for none.</param>
    /// <param name="what">What they want.</param>
    /// <param name="cancellationToken">Gives up before the row is written: what was begun is finished, so that who hung up finds it made.</param>
    public async Task<Result<string>> MakeAsync(ProvenOfficer officer, RequestKey? key, Creation what, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            return await what.MakeAsync(what.FreshId, cancellationToken);
        }

        RowAddress address = Address(key.PlaceFor(officer.Id));
        DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
        CreationRow fresh = new(key.Mark, what.FreshId, now, IsDone: false);
        if (!(await _rows.InsertAsync(address, RowSchemas.Creation, fresh, CancellationToken.None)).IsRefused(out Refusal? taken, out RowETag etag))
        {
            return await RunAsync(address, fresh, etag, what, isTakenUp: false);
        }

        if (taken.Code != SamErrorCode.RowConflict)
        {
            return taken;
        }

        if ((await _rows.ReadAsync(address, RowSchemas.Creation, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<CreationRow>? row))
        {
            // Refused and forgotten at this moment.
            return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.RequestUnderWay : unread;
        }

        return now >= row.Value.BegunAt + Lifetime ? await BeginAsync(address, fresh, row.ETag, what)
            : !CryptographicOperations.FixedTimeEquals(row.Value.Mark, key.Mark) ? SamErrorCode.IdempotencyKeyReused
            : !row.Value.IsDone && now < row.Value.BegunAt + _patience ? SamErrorCode.RequestUnderWay
            : what.IsToldOnce ? SamErrorCode.AnswerNotKept
            : row.Value.IsDone ? row.Value.Id
            : await TakeUpAsync(officer, address, row, now, what);
    }

    /// <summary>Over a row that is nobody's any more. Who is second at this waits for the first.</summary>
    private async Task<Result<string>> BeginAsync(RowAddress address, CreationRow begun, RowETag present, Creation what) =>
        (await _rows.ReplaceAsync(address, RowSchemas.Creation, begun, present, CancellationToken.None)).IsRefused(out Refusal? lost, out RowETag etag)
            ? lost.Code == SamErrorCode.RowConflict ? SamErrorCode.RequestUnderWay : lost
            : await RunAsync(address, begun, etag, what, isTakenUp: true);

    /// <summary>Goes on with a request that broke off. It is recorded: the record of what was made may have been lost with the answer.</summary>
    private async Task<Result<string>> TakeUpAsync(ProvenOfficer officer, RowAddress address, SealedRow<CreationRow> row, DateTimeOffset now, Creation what)
    {
        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.RequestTakenUp, By = officer.Actor.Name, Detail = row.Value.Id });
        return await BeginAsync(address, row.Value with { BegunAt = now }, row.ETag, what);
    }

    private async Task<Result<string>> RunAsync(RowAddress address, CreationRow begun, RowETag etag, Creation what, bool isTakenUp)
    {
        Result<string> made = isTakenUp && await what.IsMadeAsync(begun.Id) ? begun.Id : await what.MakeAsync(begun.Id, CancellationToken.None);
        if (made.IsRefused(out Refusal? refusal, out string? id))
        {
            if (!await what.IsMadeAsync(begun.Id))
            {
                await _rows.DeleteAsync(address, etag, CancellationToken.None);
                return refusal;
            }

            // Who was thought to have broken off was only slow.
            id = begun.Id;
        }

        try
        {
            _ = await _rows.ReplaceAsync(address, RowSchemas.Creation, begun with { Id = id, IsDone = true }, etag, CancellationToken.None);
        }
        catch (RowStoreException)
        {
            // It is made. Whoever asks again waits for the time that a request may take, and finds it by its id.
        }

        return id;
    }

    /// <summary>The partition of a shard.</summary>
    internal static string Partition(int shard) => $"requests-{shard:x1}";

    private static RowAddress Address(string place) => new(SamTable.Registry, $"requests-{place[0]}", place);
}
