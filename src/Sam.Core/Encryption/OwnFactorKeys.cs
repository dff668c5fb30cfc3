using System.Globalization;
using Sam.Core.Audit;
using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Encryption;

/// <summary>
/// Keys for factors that the SAM makes itself: a new one when the last has had its time, and the old one is destroyed when nothing that was encrypted to it is to come any more. Rows that do not
/// open, or that the SAM did not sign, are no keys: who breaks or deletes them makes the SAM make another.
/// </summary>
internal sealed class OwnFactorKeys
{
    // Longer than a published set is to be believed (FactorKeys).
    private static readonly TimeSpan _grace = TimeSpan.FromDays(3);

    private const int MaxRivals = 5;

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;
    private readonly IKeyAgreement _agreement;
    private readonly ModuleIdentity _identity;
    private readonly EncryptionPolicy _policy;
    private readonly IAuditLog _audit;

    internal OwnFactorKeys(SealedRows rows, IKeyBackend backend, IKeyAgreement agreement, ModuleIdentity identity, EncryptionPolicy policy, IAuditLog audit)
    {
        _rows = rows;
        _backend = backend;
        _agreement = agreement;
        _identity = identity;
        _policy = policy;
        _audit = audit;
    }

    /// <summary>All that are accepted, the newest first, which is one to publish.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    /// <exception cref="RowStoreException">The store is away.</exception>
    internal async Task<IReadOnlyList<FactorKey>> LoadAsync(CancellationToken cancellationToken)
    {
        for (int rivals = 0; rivals < MaxRivals; rivals++)
        {
            DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
            (List<FactorKey> keys, int last) = await ReadAsync(now, cancellationToken);
            if (keys.Count > 0 && now < keys[0].MadeAt!.Value + _policy.KeyLifetime)
            {
                return keys;
            }

            if (await TryMakeAsync(last + 1, now, cancellationToken) is { } made)
            {
                return [made, .. keys];
            }
        }

        throw new RowStoreException("Others made keys for factors again and again.");
    }

    private async Task<(List<FactorKey> Keys, int Last)> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<FactorKey> keys = [];
        List<(RowAddress Address, SealedRow<FactorKeyRow> Row)> ended = [];
        int last = 0;
        await foreach ((RowAddress address, Result<SealedRow<FactorKeyRow>> read) in
            _rows.ListAnyAsync(SamTable.Registry, FactorKeyRow.Partition, string.Empty, RowSchemas.FactorKey, cancellationToken))
        {
            last = Math.Max(last, int.TryParse(address.RowKey, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0);
            if (read.IsRefused(out Refusal? fault, out SealedRow<FactorKeyRow>? row) || !_identity.Verify(row.Value.Statement(address), row.Value.Signature))
            {
                await _audit.AppendAsync(AuditRecord.OfFault(address, fault?.Code ?? SamErrorCode.KeySwapped, "not taken"));
                continue;
            }

            DateTimeOffset madeAt = DateTimeOffset.FromUnixTimeSeconds(row.Value.MadeAt);
            if (now < madeAt + _policy.KeyLifetime + _grace)
            {
                keys.Insert(0, FactorKey.Of(KeyReference.Parse(row.Value.Key), row.Value.PublicKey, madeAt));
            }
            else
            {
                ended.Add((address, row));
            }
        }

        foreach ((RowAddress address, SealedRow<FactorKeyRow> row) in ended)
        {
            await EndAsync(address, row);
        }

        return (keys, last);
    }

    /// <summary>Null when another process was first.</summary>
    private async Task<FactorKey?> TryMakeAsync(int number, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KeyReference key = await _agreement.CreateAgreementKeyAsync(cancellationToken);
        byte[] publicKey = await _agreement.GetAgreementKeyAsync(key, CancellationToken.None);
        RowAddress address = FactorKeyRow.Address(number);
        FactorKeyRow row = new(key.Value, publicKey, now.ToUnixTimeSeconds(), Signature: []);
        row = row with { Signature = await _identity.SignAsync(row.Statement(address), CancellationToken.None) };
        if ((await _rows.InsertAsync(address, RowSchemas.FactorKey, row, CancellationToken.None)).IsRefused(out Refusal? refusal, out _))
        {
            _ = await _backend.DestroyKeyAsync(key, CancellationToken.None);
            return refusal.Code == SamErrorCode.RowConflict ? null : throw new RowStoreException($"A key for factors could not be kept: {refusal.Code}.");
        }

        FactorKey made = FactorKey.Of(key, publicKey, now);
        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.FactorKeyMade, Key = key.Value, Detail = made.PublicKey.Kid });
        return made;
    }

    /// <summary>The key before its row, so that one which is still there is found again.</summary>
    private async Task EndAsync(RowAddress address, SealedRow<FactorKeyRow> row)
    {
        _ = await _backend.DestroyKeyAsync(KeyReference.Parse(row.Value.Key), CancellationToken.None);
        await _rows.DeleteAsync(address, row.ETag, CancellationToken.None);
        await _audit.AppendAsync(new AuditRecord { Event = AuditEvent.FactorKeyDestroyed, Key = row.Value.Key });
    }
}
