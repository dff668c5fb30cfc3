using Azure.Core;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Keys;
using Sam.KeyBackends.ManagedHsm.Management;
using Sam.KeyBackends.ManagedHsm.Wire;

namespace Sam.KeyBackends.ManagedHsm.Pools;

/// <summary>One HSM: its connection with a circuit of its own, its keys, and how many they are.</summary>
internal sealed class HsmPool : IDisposable
{
    internal HsmPool(
        ManagedHsmPoolOptions pool, int? maxKeys, IKeyManagement management, IKeyManagement? import, TokenCredential credential, ManagedHsmOptions options, TimeProvider time)
    {
        Name = pool.Name;
        Client = new HsmClient(pool, credential, options, time);
        Keys = new KeyMaker(pool, management, import, options, time);
        Count = new KeyCount(maxKeys, Keys.CountAsync, time);
    }

    /// <summary>Null where there is one HSM only.</summary>
    internal string? Name { get; }

    internal HsmClient Client { get; }

    internal KeyMaker Keys { get; }

    internal KeyCount Count { get; }

    /// <summary>Makes a key for which a place has been taken.</summary>
    /// <exception cref="KeyBackendException">As <see cref="KeyMaker.CreateAsync"/>; the place is free again.</exception>
    internal async Task<(HsmKeyName Name, ManagedKey Key)> CreateAsync(KeyPlan plan, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            return await SettleAsync(Keys.CreateAsync(plan, longest, cancellationToken));
        }
        catch (KeyBackendException)
        {
            Count.Avoid();
            throw;
        }
    }

    /// <summary>Takes a key in: here, because its exchange key is here. That it fails says nothing of the HSM: the blob is not ours.</summary>
    /// <exception cref="KeyBackendException">As <see cref="KeyMaker.ImportAsync"/>; or there is no room.</exception>
    internal async Task<(HsmKeyName Name, ManagedKey Key)> ImportAsync(KeyPlan plan, HsmKeyName exchangeKey, ReadOnlyMemory<byte> blob, CancellationToken cancellationToken)
    {
        await Count.RefreshAsync().WaitAsync(cancellationToken);
        return Count.TryTake()
            ? await SettleAsync(Keys.ImportAsync(plan, exchangeKey, blob, cancellationToken))
            : throw new KeyBackendException(KeyBackendFailure.Rejected, $"Managed HSM: the exchange key's pool is full ({Name}: {Count.Look().Text}).");
    }

    /// <summary>Asks the HSM whether it serves this SAM.</summary>
    /// <exception cref="KeyBackendException">It does not.</exception>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        using Operation operation = Client.Begin(cancellationToken);
        using HsmCall call = HsmCall.Ask();
        try
        {
            _ = await Client.CallAsync(call, answer => answer, operation);
        }
        catch (KeyBackendException served) when (served.Failure == KeyBackendFailure.KeyNotFound)
        {
            // The answer that was asked for.
        }
    }

    public void Dispose() => Client.Dispose();

    private async Task<(HsmKeyName Name, ManagedKey Key)> SettleAsync(Task<(HsmKeyName Name, ManagedKey Key)> making)
    {
        bool made = false;
        try
        {
            (HsmKeyName Name, ManagedKey Key) key = await making;
            made = true;
            return key;
        }
        finally
        {
            Count.Settle(made);
        }
    }
}
