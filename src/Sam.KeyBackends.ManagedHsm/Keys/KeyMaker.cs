using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Management;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>Makes, takes in, reads, counts and destroys keys of one HSM through the port, each within its time.</summary>
internal sealed class KeyMaker
{
    private readonly string? _pool;
    private readonly Uri _address;
    private readonly IKeyManagement _management;
    private readonly IKeyManagement? _import;
    private readonly CreationPace _pace;
    private readonly ManagedHsmOptions _options;
    private readonly TimeProvider _time;

    /// <param name="pool">The HSM.</param>
    /// <param name="management">Key management by the SAM's identity.</param>
    /// <param name="import">The same by the identity for import; null: there is none.</param>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    internal KeyMaker(ManagedHsmPoolOptions pool, IKeyManagement management, IKeyManagement? import, ManagedHsmOptions options, TimeProvider time)
    {
        _pool = pool.Name;
        _address = pool.Endpoint!;
        _management = management;
        _import = import;
        _pace = new CreationPace(options.KeyCreationInterval, time);
        _options = options;
        _time = time;
    }

    /// <summary>Makes the key, and looks at what was made: a key that could do more than it should is destroyed and never named.</summary>
    /// <param name="plan">The key.</param>
    /// <param name="longest">How long it may take, its wait for a turn included.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <exception cref="KeyBackendException">The HSM is away, refuses, or made something else.</exception>
    internal Task<(HsmKeyName Name, ManagedKey Key)> CreateAsync(KeyPlan plan, TimeSpan longest, CancellationToken cancellationToken) =>
        MakeAsync(plan, longest, token => _management.CreateAsync(plan.Creation, token), cancellationToken);

    /// <summary>Takes a key in, by the identity for that, and looks at it as at one that was made.</summary>
    /// <exception cref="KeyBackendException">
    /// <see cref="KeyBackendFailure.Rejected"/>: the blob does not open, or to another key. <see cref="KeyBackendFailure.KeyNotFound"/>: the exchange key. Or the HSM is away or refuses.
    /// </exception>
    internal async Task<(HsmKeyName Name, ManagedKey Key)> ImportAsync(KeyPlan plan, HsmKeyName exchangeKey, ReadOnlyMemory<byte> blob, CancellationToken cancellationToken)
    {
        // What the HSM says of a key that it does not find is not documented for imports; of a key that may do something else, its holder may know more than the HSM.
        ManagedKey exchange = await GetAsync(exchangeKey, cancellationToken);
        int split = PublicKeys.Read(exchange.SubjectPublicKeyInfo)?.Algorithm.SizeInBytes ?? int.MaxValue / 2;
        if (exchange.Operations is not ["import"] || blob.Length < split + TransferBlob.ShortestWrapped || blob.Length > IKeyImport.MaxBlobSize)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, "Managed HSM: the blob is none that was wrapped for an exchange key.");
        }

        KeyImport import = new(
            plan.Creation.Name, plan.Creation.KeyType, plan.Creation.Curve, plan.Creation.Operations, TransferBlob.Write(new Uri(_address, exchangeKey.Path), blob.Span));
        return await MakeAsync(plan, _options.KeyCreationTimeout, token => _import!.ImportAsync(import, token), cancellationToken);
    }

    private async Task<(HsmKeyName Name, ManagedKey Key)> MakeAsync(
        KeyPlan plan, TimeSpan longest, Func<CancellationToken, Task<ManagedKey>> make, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        await _pace.WaitAsync(longest, cancellationToken);
        ManagedKey made;
        try
        {
            made = await WithinAsync(longest - _time.GetElapsedTime(start), make, cancellationToken);
        }
        catch (Exception failure) when (failure is OperationCanceledException or KeyBackendException { Failure: KeyBackendFailure.TimedOut or KeyBackendFailure.Unavailable })
        {
            // It may have been made. Nobody uses it, so it is no danger, but an HSM holds 5,000 keys.
            await TryDeleteAsync(plan.Creation.Name);
            throw;
        }

        if (plan.FindFault(made) is { } fault)
        {
            await TryDeleteAsync(plan.Creation.Name);
            throw new KeyBackendException(KeyBackendFailure.Rejected, $"Managed HSM: the key that was made is not usable: {fault}.");
        }

        return (new HsmKeyName(_pool, plan.Purpose, plan.Creation.Name, made.Version), made);
    }

    internal Task<ManagedKey> GetAsync(HsmKeyName key, CancellationToken cancellationToken) =>
        WithinAsync(_options.OperationTimeout, token => _management.GetAsync(key.Name, key.Version, token), cancellationToken);

    internal async Task<KeyAttestation> AttestAsync(HsmKeyName key, CancellationToken cancellationToken) =>
        await WithinAsync(_options.OperationTimeout, token => _management.AttestAsync(key.Name, key.Version, token), cancellationToken)
            ?? throw new KeyBackendException(KeyBackendFailure.Rejected, "Managed HSM: the key has no attestation.");

    /// <summary>How many keys there are. Some hundred pages where there are thousands: half of a creation's time is enough for them, and leaves the other half to the key.</summary>
    internal Task<int> CountAsync() => WithinAsync(_options.KeyCreationTimeout / 2, _management.CountAsync, CancellationToken.None);

    /// <summary>Until when the HSM keeps what was deleted; null if it says nothing, or has no such key: somebody asks again, after a crash for instance.</summary>
    internal async Task<DateTimeOffset?> DestroyAsync(HsmKeyName key, CancellationToken cancellationToken)
    {
        try
        {
            // Deleting takes all versions of a name: a reference to a version that does not exist must not take the one that does.
            _ = await GetAsync(key, cancellationToken);
            return await WithinAsync(_options.OperationTimeout, token => _management.DeleteAsync(key.Name, token), cancellationToken);
        }
        catch (KeyBackendException gone) when (gone.Failure == KeyBackendFailure.KeyNotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes whatever signing key bears a name.</summary>
    internal async Task AbandonAsync(KeyName name, CancellationToken cancellationToken)
    {
        try
        {
            _ = await WithinAsync(_options.OperationTimeout, token => _management.DeleteAsync(HsmKeyName.NameOf(name), token), cancellationToken);
        }
        catch (KeyBackendException gone) when (gone.Failure == KeyBackendFailure.KeyNotFound)
        {
            // None does.
        }
    }

    /// <summary>The tags of the anchor's key; null while there is no such key.</summary>
    internal async Task<ManagedKey?> FindAnchorAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WithinAsync(_options.OperationTimeout, token => _management.GetAsync(HsmKeyName.Anchor, version: null, token), cancellationToken);
        }
        catch (KeyBackendException none) when (none.Failure == KeyBackendFailure.KeyNotFound)
        {
            return null;
        }
    }

    /// <summary>Puts these tags in the place of the anchor's, and makes its key if there is none: a curve's, which costs nothing and does nothing.</summary>
    internal async Task SetAnchorAsync(ManagedKey? found, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        ManagedKey key = found ?? await WithinAsync(
            _options.KeyCreationTimeout,
            token => _management.CreateAsync(new KeyCreation(HsmKeyName.Anchor, "EC-HSM", SizeInBits: null, "P-256", ["verify"]), token),
            cancellationToken);
        _ = await WithinAsync(_options.OperationTimeout, token => _management.SetTagsAsync(HsmKeyName.Anchor, key.Version, tags, token), cancellationToken);
    }

    private async Task TryDeleteAsync(string name)
    {
        try
        {
            _ = await WithinAsync(_options.OperationTimeout, token => _management.DeleteAsync(name, token), CancellationToken.None);
        }
        catch (KeyBackendException)
        {
            // The caller is told of the first failure; this one changes nothing in it.
        }
    }

    private async Task<T> WithinAsync<T>(TimeSpan longest, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(longest > TimeSpan.Zero ? longest : TimeSpan.Zero, _time);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await call(stop.Token);
        }
        catch (OperationCanceledException late) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new KeyBackendException(
                KeyBackendFailure.TimedOut, $"Managed HSM: no answer within {longest.TotalSeconds:0.###} s; the call may have been carried out.", late);
        }
    }
}
