using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sam.Core.Factors;
using Sam.Core.Keys;
using Sam.Core.Rows;
using Sam.Core.Sealing;

namespace Sam.Core.Encryption;

/// <summary>
/// The keys in the HSM to which signers' factors are encrypted, so that the signing applications which carry them cannot read them (security decision 12): which there are, and what is published of them.
/// </summary>
public sealed class FactorKeys : IDisposable
{
    private static readonly TimeSpan _setLifetime = TimeSpan.FromDays(2);
    private static readonly TimeSpan _lookInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    private readonly IKeyBackend _backend;
    private readonly SealedRows _rows;
    private readonly SystemKeys _keys;
    private readonly EncryptionPolicy _policy;
    private readonly OwnFactorKeys? _own;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _refreshing = new();
    private volatile Known? _known;
    private Task? _refresh;
    private long? _triedAt;

    internal FactorKeys(IKeyBackend backend, SealedRows rows, SystemKeys keys, EncryptionPolicy policy, OwnFactorKeys? own, TimeProvider time)
    {
        _backend = backend;
        _rows = rows;
        _keys = keys;
        _policy = policy;
        _own = own;
        _time = time;
    }

    /// <summary>Whether factors can be encrypted at this deployment. On a Managed HSM it takes a key that a ceremony made, since its role lets the SAM decrypt with no other.</summary>
    public bool IsOffered => _policy.Keys is null ? _own is not null : _backend is IKeyDecryption or IKeyAgreement;

    /// <summary>In which forms clients are told to give these factors. Where nothing must be encrypted, that is the one which every client knows; the other is taken all the same.</summary>
    public FactorForms FormsOf(KeyAuthorization factors) => new(_policy.AllowsBare(factors), IsOffered && factors.NeedsPin && _policy.Demand != EncryptionDemand.None);

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>
    /// The set of keys, signed: the compact form of a JWS by the SAM's own key, with a <see cref="FactorKeySet"/> in it. Who shows a page to signers takes it only if it verifies with the SAM's certificate.
    /// Null where there is none, or none within the time that the caller has: whoever asks again finds it.
    /// </summary>
    /// <param name="patience">How long to wait, where the keys must be looked for first.</param>
    public async Task<string?> PublishAsync(TimeSpan patience)
    {
        if (!IsOffered)
        {
            return null;
        }

        // A set that is good for a day and more is given at once, also where there may be a newer one.
        if (_known is not { } fresh || IsStale(fresh))
        {
            Task refresh = RefreshInBackground();
            if (_known is not { } known || Age(known) >= _setLifetime / 2)
            {
                _ = await Task.WhenAny(refresh, Task.Delay(patience, _time));
            }
        }

        return _known is { } found && Age(found) < _setLifetime ? found.Set : null;
    }

    /// <summary>The key of this name; null if it is none of this deployment's, or its time is over.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    /// <exception cref="RowStoreException">The store is away.</exception>
    internal async Task<FactorKey?> FindAsync(string kid, CancellationToken cancellationToken)
    {
        // Another process may have made one since. Who names keys that nobody has makes the SAM look once in a while, and no more.
        if (IsOffered && (_known is not { } known || IsStale(known) || (Find(known, kid) is null && _time.GetElapsedTime(known.LookedAt) >= _pause)))
        {
            try
            {
                await RefreshAsync(cancellationToken);
            }
            catch (Exception away) when ((away is KeyBackendException or RowStoreException) && _known is { } before && Find(before, kid) is not null)
            {
                // The next key cannot be made, or what there is cannot be read: that is no reason to refuse who encrypted to the present one.
            }
        }

        return _known is { } found ? Find(found, kid) : null;
    }

    /// <summary>The content key of a JWE, by the key that it names. Null for bytes that were not encrypted to it. The caller clears it.</summary>
    /// <exception cref="KeyBackendException">The HSM is away.</exception>
    internal async Task<byte[]?> OpenContentKeyAsync(FactorKey key, FactorsJwe jwe, CancellationToken cancellationToken)
    {
        if (jwe.Header.Alg != key.PublicKey.Alg)
        {
            return null;
        }

        try
        {
            if (key.PublicKey.Alg == FactorKey.Transport)
            {
                return await ((IKeyDecryption)_backend).DecryptAsync(key.Reference, jwe.EncryptedKey, cancellationToken);
            }

            if (jwe.ReadEphemeralKey() is not { } other)
            {
                return null;
            }

            byte[] secret = await ((IKeyAgreement)_backend).AgreeAsync(key.Reference, other, cancellationToken);
            byte[] contentKey = ConcatKdf.Derive(secret, "A256GCM"u8, [], [], bits: 256);
            CryptographicOperations.ZeroMemory(secret);
            return contentKey;
        }
        catch (KeyBackendException refused) when (refused.Failure is KeyBackendFailure.Rejected or KeyBackendFailure.KeyNotFound)
        {
            // Nobody is told what was wrong: who learns it decrypts by asking.
            return null;
        }
    }

    private static FactorKey? Find(Known known, string kid) => known.Keys.FirstOrDefault(key => key.PublicKey.Kid == kid);

    private TimeSpan Age(Known known) => _time.GetElapsedTime(known.SignedAt);

    private bool IsStale(Known known) => _time.GetElapsedTime(known.LookedAt) >= _lookInterval;

    /// <summary>One look at a time, and one in a while: whoever asks for what is published must not press an HSM that is away.</summary>
    private Task RefreshInBackground()
    {
        lock (_refreshing)
        {
            if (_refresh is null || (_refresh.IsCompleted && (_triedAt is not { } last || _time.GetElapsedTime(last) >= _pause)))
            {
                _triedAt = _time.GetTimestamp();
                _refresh = TryRefreshAsync();
            }

            return _refresh;
        }
    }

    private async Task TryRefreshAsync()
    {
        try
        {
            await RefreshAsync(CancellationToken.None);
        }
        catch (Exception away) when (away is KeyBackendException or RowStoreException)
        {
            // What is known stays; readyz tells of HSM and store.
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        Known? before = _known;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Whoever waited for another's look has what it found.
            if (_known == before)
            {
                IReadOnlyList<FactorKey> keys = _own is not null && _policy.Keys is null ? await _own.LoadAsync(cancellationToken) : await ReadCeremonyKeysAsync(cancellationToken);
                DateTimeOffset now = await _rows.GetTimeAsync(cancellationToken);
                long at = _time.GetTimestamp();
                _known = before is not null && Age(before) < _setLifetime / 2 && before.Keys[0].PublicKey == keys[0].PublicKey
                    ? before with { Keys = keys, LookedAt = at }
                    : new Known(keys, await SignAsync(keys, now), SignedAt: at, LookedAt: at);
            }
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private async Task<IReadOnlyList<FactorKey>> ReadCeremonyKeysAsync(CancellationToken cancellationToken)
    {
        List<FactorKey> keys = [];
        foreach (KeyReference reference in _policy.Keys!.Select(KeyReference.Parse))
        {
            byte[] publicKey = _backend is IKeyDecryption decryption
                ? await decryption.GetEncryptionKeyAsync(reference, cancellationToken)
                : await ((IKeyAgreement)_backend).GetAgreementKeyAsync(reference, cancellationToken);
            keys.Add(FactorKey.Of(reference, publicKey, madeAt: null));
        }

        return keys;
    }

    /// <summary>The newest alone: whoever takes the first, the last or any takes the right one.</summary>
    private async Task<string> SignAsync(IReadOnlyList<FactorKey> keys, DateTimeOffset now)
    {
        FactorKeySet set = new(_keys.DeploymentId, now.ToUnixTimeSeconds(), (now + _setLifetime).ToUnixTimeSeconds(), [keys[0].PublicKey]);
        string signed = $"{Base64Url.EncodeToString("""{"alg":"ES256","typ":"sam-factor-keys+jwt"}"""u8)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(set, FactorKeyJson.Default.FactorKeySet))}";
        return $"{signed}.{Base64Url.EncodeToString(await _keys.Identity.SignAsync(Encoding.ASCII.GetBytes(signed), CancellationToken.None))}";
    }

    /// <summary>What one look found.</summary>
    private sealed record Known(IReadOnlyList<FactorKey> Keys, string Set, long SignedAt, long LookedAt);
}
