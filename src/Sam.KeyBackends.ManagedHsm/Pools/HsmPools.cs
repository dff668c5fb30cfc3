using Azure.Core;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Keys;
using Sam.KeyBackends.ManagedHsm.Management;

namespace Sam.KeyBackends.ManagedHsm.Pools;

/// <summary>The HSMs: which one has a key, and which one gets the next. The first has the SAM's own keys, and the keys whose references name no pool.</summary>
internal sealed class HsmPools : IDisposable
{
    private readonly HsmPool[] _pools;
    private readonly TimeSpan _creationTimeout;
    private readonly TimeProvider _time;

    internal HsmPools(ManagedHsmOptions options, HsmService service, Func<Uri, TokenCredential, IKeyManagement> managementAt, TimeProvider time)
    {
        // One for all: each keeps its tokens for itself otherwise, and they are for all HSMs of a cloud.
        TokenCredential credential = options.ChooseCredential();
        TokenCredential? import = options.ChooseImportCredential();
        _pools =
        [
            .. options.GetPools().Select(pool => new HsmPool(
                pool,
                options.GetMaxKeys(pool, service),
                managementAt(pool.Endpoint!, credential),
                import is null ? null : managementAt(pool.Endpoint!, import),
                credential,
                options,
                time)),
        ];
        _creationTimeout = options.KeyCreationTimeout;
        _time = time;
    }

    /// <summary>The HSM that has this key.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.KeyNotFound"/>: the settings have no such pool.</exception>
    internal HsmPool Of(HsmKeyName key) => key.Pool is null
        ? _pools[0]
        : Array.Find(_pools, pool => pool.Name == key.Pool)
            ?? throw new KeyBackendException(KeyBackendFailure.KeyNotFound, "Managed HSM: the settings have no pool of the name that the key's reference has.");

    internal HsmPool First => _pools[0];

    /// <summary>Makes one of the SAM's own keys. They are few, and all in the first HSM: without it nothing can be opened, so a second one would be one more that must be there.</summary>
    /// <exception cref="KeyBackendException">The HSM is away or refuses.</exception>
    internal Task<(HsmKeyName Name, ManagedKey Key)> CreateSystemKeyAsync(KeyPlan plan, CancellationToken cancellationToken)
    {
        // The limit is for signers' keys; a SAM that is moved to a full pool must still start.
        First.Count.Take();
        return First.CreateAsync(plan, _creationTimeout, cancellationToken);
    }

    /// <summary>Makes a key that may be in any of them where there is most room, or where there is some and an HSM that makes it.</summary>
    /// <exception cref="KeyBackendException">All HSMs are away, refuse or are full.</exception>
    internal async Task<(HsmKeyName Name, ManagedKey Key)> CreateSpreadAsync(KeyPlan plan, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        await Task.WhenAll(_pools.Select(pool => pool.Count.RefreshAsync())).WaitAsync(cancellationToken);

        // Those that failed lately come last, and before them those that could not be counted: the HSM itself will say whether it has room.
        (HsmPool Pool, KeyCount.Standing Standing)[] choice =
        [
            .. _pools.Select(pool => (Pool: pool, Standing: pool.Count.Look()))
                .Where(c => c.Standing.Room is null or > 0)
                .OrderBy(c => c.Standing.IsAvoided)
                .ThenByDescending(c => c.Standing.Room ?? 0),
        ];
        List<(HsmPool Pool, KeyBackendException Failure)> failures = [];
        for (int i = 0; i < choice.Length; i++)
        {
            TimeSpan left = _creationTimeout - _time.GetElapsedTime(start);
            if ((i > 0 && left <= TimeSpan.Zero) || !choice[i].Pool.Count.TryTake())
            {
                continue;
            }

            try
            {
                // One name in all of them: whoever abandons it does so everywhere. And half of what is left of the time: an HSM that says nothing must not use up that of the next.
                return await choice[i].Pool.CreateAsync(plan, i == choice.Length - 1 ? left : left / 2, cancellationToken);
            }
            catch (KeyBackendException failure) when (_pools.Length > 1)
            {
                failures.Add((choice[i].Pool, failure));
            }
        }

        throw failures.Count > 0 ? Told("no pool has made the key", failures) : new KeyBackendException(
            KeyBackendFailure.Rejected,
            $"Managed HSM: all pools are full ({string.Join(", ", _pools.Select(pool => $"{pool.Name}: {pool.Count.Look().Text}"))}); signers' keys need another pool.");
    }

    /// <summary>Deletes whatever signing key bears a name, in every HSM: which one was tried is not written down.</summary>
    /// <exception cref="KeyBackendException">One or more are away or refuse.</exception>
    internal Task AbandonAsync(KeyName name, CancellationToken cancellationToken) => Task.WhenAll(_pools.Select(pool => pool.Keys.AbandonAsync(name, cancellationToken)));

    /// <summary>Asks all HSMs, and tells which of them do not serve.</summary>
    /// <exception cref="KeyBackendException">One or more do not.</exception>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        List<(HsmPool Pool, KeyBackendException Failure)> failures = [];
        Task[] checks = [.. _pools.Select(pool => pool.CheckAsync(cancellationToken))];
        for (int i = 0; i < checks.Length; i++)
        {
            try
            {
                await checks[i];
            }
            catch (KeyBackendException failure) when (_pools.Length > 1)
            {
                failures.Add((_pools[i], failure));
            }
        }

        if (failures.Count > 0)
        {
            throw Told($"{failures.Count} of {_pools.Length} pools do not serve", failures);
        }
    }

    public void Dispose() => Array.ForEach(_pools, pool => pool.Dispose());

    // One kind for all: what may pass comes before what will not.
    private static KeyBackendException Told(string what, List<(HsmPool Pool, KeyBackendException Failure)> failures)
    {
        KeyBackendException told = failures.Find(f => f.Failure.Failure != KeyBackendFailure.Rejected).Failure ?? failures[0].Failure;
        return new KeyBackendException(
            told.Failure, $"Managed HSM: {what}: {string.Join(" ", failures.Select(f => $"{f.Pool.Name}: {f.Failure.Message}"))}", told);
    }
}
