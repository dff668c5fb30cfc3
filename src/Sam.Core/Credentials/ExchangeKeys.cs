using Sam.Core.Keys;
using Sam.Core.Results;
using Sam.Core.Rows;

namespace Sam.Core.Credentials;

/// <summary>
/// Exchange keys are good for one import: whoever finds a wrapped key later finds nothing that opens it, and no import is done twice (T-IMP-4).
/// A row of its own says that one waits; it is spent before the HSM opens anything, by the version that the challenge was made with, so that a row which somebody wrote back revives nothing.
/// </summary>
internal sealed class ExchangeKeys
{
    // A process that ended between its key and its row leaves a key that no challenge names: it can open what nobody wrapped for it.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly SealedRows _rows;
    private readonly IKeyBackend _backend;

    internal ExchangeKeys(SealedRows rows, IKeyBackend backend)
    {
        _rows = rows;
        _backend = backend;
    }

    /// <summary>How long one waits for the key that is wrapped for it.</summary>
    internal static TimeSpan Lifetime { get; } = TimeSpan.FromHours(24);

    /// <summary>Makes one.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal async Task<Result<(KeyReference Key, byte[] PublicKey, RowETag Version)>> MakeAsync(IKeyImport import, DateTimeOffset now, string id, CancellationToken cancellationToken)
    {
        (KeyReference key, byte[] publicKey) = await import.CreateExchangeKeyAsync(cancellationToken);
        return (await _rows.InsertAsync(CredentialRows.ExchangeKey(now, id), RowSchemas.ExchangeKey, new ExchangeKeyRow(key.Value, IsUsed: false), CancellationToken.None))
            .IsRefused(out Refusal? refusal, out RowETag version) ? refusal : (key, publicKey, version);
    }

    /// <summary>Spends one: once, whatever happens next. Refused with ChallengeUsed, or as rows are.</summary>
    internal async Task<Result<RowETag>> SpendAsync(DateTimeOffset madeAt, string id, KeyReference key, RowETag version)
    {
        Result<RowETag> spent = await _rows.ReplaceAsync(
            CredentialRows.ExchangeKey(madeAt, id), RowSchemas.ExchangeKey, new ExchangeKeyRow(key.Value, IsUsed: true), version, CancellationToken.None);
        return spent.Refusal?.Code is SamErrorCode.RowMissing or SamErrorCode.RowConflict ? SamErrorCode.ChallengeUsed : spent;
    }

    /// <summary>Destroys a spent one. Should this break off, the sweep does it.</summary>
    internal async Task EndAsync(DateTimeOffset madeAt, string id, KeyReference key, RowETag version)
    {
        _ = await _backend.DestroyKeyAsync(key, CancellationToken.None);
        await _rows.DeleteAsync(CredentialRows.ExchangeKey(madeAt, id), version, CancellationToken.None);
    }

    /// <summary>Destroys those whose time is over. A row that somebody made unreadable is left: it stops no other.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        string before = CredentialRows.Before(await _rows.GetTimeAsync(cancellationToken) - Lifetime - _patience);
        List<RowAddress> old = [];
        await foreach (RowAddress address in _rows.ListAddressesAsync(SamTable.Registry, CredentialRows.ExchangeKeys, before, cancellationToken))
        {
            old.Add(address);
        }

        foreach (RowAddress address in old)
        {
            if (!(await _rows.ReadAsync(address, RowSchemas.ExchangeKey, cancellationToken)).IsRefused(out _, out SealedRow<ExchangeKeyRow>? row))
            {
                _ = await _backend.DestroyKeyAsync(KeyReference.Parse(row.Value.Key), CancellationToken.None);
                await _rows.DeleteAsync(address, row.ETag, CancellationToken.None);
            }
        }
    }
}
