using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Anchoring;

/// <summary>
/// The present <see cref="AnchorDocument"/>: the one that the HSM names, or its successor where a process ended before it told the HSM (SIG-6, SIG-7).
/// </summary>
/// <remarks>
/// A change is the insert of the next version's row: of two at once, one wins. Then the HSM is told; whoever finds a next version that it was not told of tells it.
/// So nothing in the tables alone brings an older version back, and nothing that a process's memory holds makes a newer one: rows carry the SAM's signature, the HSM's mark its MAC.
/// Read anew each time, and never on the path of a signature.
/// </remarks>
internal sealed class DeploymentAnchor
{
    private const string Partition = "anchor";
    private const int MaxConflicts = 5;

    private readonly SealedRows _rows;
    private readonly SystemKeys _keys;
    private readonly IHsmAnchor _hsm;
    private readonly IMacKeys _mac;
    private long _floor;

    internal DeploymentAnchor(SealedRows rows, SystemKeys keys, IHsmAnchor hsm, IMacKeys mac)
    {
        _rows = rows;
        _keys = keys;
        _hsm = hsm;
        _mac = mac;
    }

    /// <summary>The present document. Refused with NotInitialized or AnchorBroken.</summary>
    internal async Task<Result<AnchorDocument>> ReadAsync(CancellationToken cancellationToken) =>
        (await ReadPresentAsync(cancellationToken)).IsRefused(out Refusal? refusal, out Present? present) ? refusal : present.Document;

    /// <summary>
    /// Whether a key of this fingerprint was destroyed. Each version of the document names the key that made it, and the present head vouches for all of them.
    /// Refused with AnchorBroken: a version that buried a key is missing or was changed. Reads every version: for what is rare.
    /// </summary>
    /// <exception cref="RowStoreException">A row does not open, or the store is away.</exception>
    internal async Task<Result<bool>> IsBuriedAsync(byte[] fingerprint, CancellationToken cancellationToken)
    {
        if ((await ReadAsync(cancellationToken)).IsRefused(out Refusal? unread, out AnchorDocument? present))
        {
            // Before there is a document, nothing is buried.
            return unread.Code == SamErrorCode.NotInitialized ? false : unread;
        }

        string wanted = Convert.ToHexStringLower(fingerprint);
        TombstoneHead head = TombstoneHead.None;
        bool isBuried = false;
        await foreach ((_, SealedRow<AnchorRow> row) in _rows.ListFromAsync(SamTable.Registry, Partition, string.Empty, RowSchemas.Anchor, cancellationToken))
        {
            AnchorDocument? document = JsonSerializer.Deserialize(row.Value.Document, RowJson.Default.AnchorDocument);
            if (document?.Buried is { } buried && document.Version <= present.Version)
            {
                head = head.Add(buried);
                isBuried |= buried == wanted;
            }
        }

        return head.IsSame(present.Tombstones) ? isBuried : SamErrorCode.AnchorBroken;
    }

    /// <summary>All versions of the document up to the present one, the oldest first. Refused with NotInitialized or AnchorBroken, also where one is missing.</summary>
    internal async Task<Result<IReadOnlyList<AnchorDocument>>> ReadAllAsync(CancellationToken cancellationToken)
    {
        if ((await ReadAsync(cancellationToken)).IsRefused(out Refusal? unread, out AnchorDocument? present))
        {
            return unread;
        }

        List<AnchorDocument> documents = [];
        for (long version = 1; version <= present.Version; version++)
        {
            if ((await ReadAsync(version, cancellationToken)).IsRefused(out unread, out Signed? row))
            {
                return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.AnchorBroken : unread;
            }

            documents.Add(row.Document);
        }

        return documents;
    }

    private async Task<Result<Present>> ReadPresentAsync(CancellationToken cancellationToken)
    {
        if ((await FindMarkAsync(cancellationToken)).IsRefused(out Refusal? broken, out Marks? marks))
        {
            return broken;
        }

        AnchorDocument? present = null;
        if (marks.Present is { } mark)
        {
            if ((await ReadAsync(mark.Version, cancellationToken)).IsRefused(out Refusal? unread, out Signed? row))
            {
                return unread.Code == SamErrorCode.RowMissing ? SamErrorCode.AnchorBroken : unread;
            }

            if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(row.Json), mark.Digest))
            {
                return SamErrorCode.AnchorBroken;
            }

            present = row.Document;
        }

        return await RollForwardAsync(present, marks, cancellationToken);
    }

    /// <summary>
    /// Makes the first document. Refused with AlreadyInitialized while there is any anchor in the HSM: whoever deletes the tables gains no new beginning.
    /// </summary>
    internal async Task<Result<AnchorDocument>> BeginAsync(AnchorDocument first, CancellationToken cancellationToken)
    {
        if ((await _hsm.ReadAnchorsAsync(cancellationToken)).Count > 0)
        {
            return SamErrorCode.AlreadyInitialized;
        }

        if ((await InsertAsync(first)).IsRefused(out Refusal? lost, out byte[]? json))
        {
            return lost.Code == SamErrorCode.RowConflict ? SamErrorCode.AlreadyInitialized : lost;
        }

        _ = await TellAsync(first, json, [], CancellationToken.None);
        return first;
    }

    /// <summary>Makes the next version of the present one. Refused as the change refuses, with NotInitialized or AnchorBroken, or RowConflict after several lost races.</summary>
    internal async Task<Result<AnchorDocument>> ChangeAsync(Func<AnchorDocument, Result<AnchorDocument>> change, CancellationToken cancellationToken)
    {
        for (int conflicts = 0; conflicts < MaxConflicts; conflicts++)
        {
            if ((await ReadPresentAsync(cancellationToken)).IsRefused(out Refusal? unread, out Present? present)
                || change(present.Document with { Buried = null }).IsRefused(out unread, out AnchorDocument? changed))
            {
                return unread;
            }

            AnchorDocument next = changed with { Version = present.Document.Version + 1 };
            if ((await InsertAsync(next)).IsRefused(out Refusal? lost, out byte[]? json))
            {
                if (lost.Code != SamErrorCode.RowConflict)
                {
                    return lost;
                }

                continue;
            }

            // The HSM is told of what was inserted, not of what is found there: a row that somebody takes away at once would be missed by nobody. Then it is read as everybody reads it.
            _ = await TellAsync(next, json, present.Marks, CancellationToken.None);
            return (await ReadAsync(CancellationToken.None)).IsRefused(out Refusal? broken, out _) ? broken : next;
        }

        return SamErrorCode.RowConflict;
    }

    private static RowAddress Address(long version) => new(SamTable.Registry, Partition, string.Create(CultureInfo.InvariantCulture, $"{version:d12}"));

    /// <summary>The newest mark of ours. An older one that a crash left behind counts for nothing, and neither does what is not ours; two of one version are a lie.</summary>
    private async Task<Result<Marks>> FindMarkAsync(CancellationToken cancellationToken)
    {
        // Before the HSM is asked: another request may raise it while this one looks at what the HSM held, and that would then be too old.
        long floor = Volatile.Read(ref _floor);
        List<AnchorMark> ours = [];
        foreach (byte[] bytes in await _hsm.ReadAnchorsAsync(cancellationToken))
        {
            if (await AnchorMark.ReadAsync(bytes, _keys, _mac, cancellationToken) is { } mark)
            {
                ours.Add(mark);
            }
        }

        AnchorMark? newest = ours.MaxBy(mark => mark.Version);
        if (newest is null ? floor > 0
            : newest.Version < floor || ours.Exists(mark => mark.Version == newest.Version && !mark.Bytes.AsSpan().SequenceEqual(newest.Bytes)))
        {
            return SamErrorCode.AnchorBroken;
        }

        return new Marks(newest, [.. ours.Select(mark => mark.Bytes)]);
    }

    private async Task<Result<Present>> RollForwardAsync(AnchorDocument? present, Marks marks, CancellationToken cancellationToken)
    {
        while (true)
        {
            long version = present?.Version ?? 0;
            if ((await ReadAsync(version + 1, cancellationToken)).IsRefused(out Refusal? unread, out Signed? next))
            {
                if (unread.Code != SamErrorCode.RowMissing)
                {
                    return unread;
                }

                Raise(version);
                return present is null ? SamErrorCode.NotInitialized : new Present(present, marks.All);
            }

            marks = marks with { All = [await TellAsync(next.Document, next.Json, marks.All, cancellationToken)] };
            present = next.Document;
        }
    }

    private async Task<Result<Signed>> ReadAsync(long version, CancellationToken cancellationToken)
    {
        if ((await _rows.ReadAsync(Address(version), RowSchemas.Anchor, cancellationToken)).IsRefused(out Refusal? unread, out SealedRow<AnchorRow>? row))
        {
            return unread;
        }

        return _keys.Identity.Verify(AnchorRow.Statement(row.Value.Document), row.Value.Signature)
            && JsonSerializer.Deserialize(row.Value.Document, RowJson.Default.AnchorDocument) is { } document
            && document.Version == version
            && document.Deployment == _keys.DeploymentId
            && CryptographicOperations.FixedTimeEquals(document.Keyring, _keys.KeyringDigest)
            ? new Signed(document, row.Value.Document)
            : SamErrorCode.AnchorBroken;
    }

    private async Task<Result<byte[]>> InsertAsync(AnchorDocument document)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(document, RowJson.Default.AnchorDocument);
        AnchorRow row = new(json, await _keys.Identity.SignAsync(AnchorRow.Statement(json), CancellationToken.None));
        return (await _rows.InsertAsync(Address(document.Version), RowSchemas.Anchor, row, CancellationToken.None)).IsRefused(out Refusal? lost, out _) ? lost : json;
    }

    private async Task<byte[]> TellAsync(AnchorDocument document, byte[] json, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken)
    {
        AnchorMark mark = await AnchorMark.CreateAsync(document, json, _keys, _mac, cancellationToken);
        await _hsm.WriteAnchorAsync(mark.Bytes, superseded, cancellationToken);
        Raise(document.Version);
        return mark.Bytes;
    }

    /// <summary>What this process has seen once, it never believes to be gone.</summary>
    private void Raise(long version)
    {
        long seen = Volatile.Read(ref _floor);
        while (version > seen)
        {
            long found = Interlocked.CompareExchange(ref _floor, version, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    /// <summary>The present document, and the marks in the HSM that its successor's supersedes.</summary>
    private sealed record Present(AnchorDocument Document, IReadOnlyList<byte[]> Marks);

    private sealed record Marks(AnchorMark? Present, IReadOnlyList<byte[]> All);

    private sealed record Signed(AnchorDocument Document, byte[] Json);
}
