using Azure.Core;
using Azure.Identity;
using Sam.Core.Keys;

namespace Sam.KeyBackends.ManagedHsm;

/// <summary>Where the HSM is and how the SAM may use it. <see cref="ManagedHsmKeyBackend"/> checks all of it at its construction.</summary>
public sealed class ManagedHsmOptions
{
    private static readonly TimeSpan _minTimeout = TimeSpan.FromMilliseconds(100);

    // Below the ten seconds after which no signature is released any more.
    private static readonly TimeSpan _maxOperationTimeout = TimeSpan.FromSeconds(9);

    // The HSM's own limit (azure facts of 2021).
    private const int MostKeys = 5000;
    private const int DefaultMaxKeys = 4000;
    private const int MostPools = 32;
    private const int LongestPoolName = 16;

    /// <summary>The HSM's address: <c>https://NAME.managedhsm.azure.net</c> or <c>https://NAME.vault.azure.net</c>. For several HSMs: <see cref="Pools"/> in its place.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Several HSMs. New keys of signers go to the one with most room. The first has the SAM's own keys, and the keys of the time before there were pools, whose references
    /// name none: it stays the first for ever, and others are added behind it.
    /// </summary>
    public IList<ManagedHsmPoolOptions> Pools { get; } = [];

    /// <summary>Which service it is. Unset: told by the address. Other clouds' addresses do not tell, so there it must be set.</summary>
    public HsmService? Service { get; set; }

    /// <summary>The SAM's identity at the HSM; unset: the managed identity of <see cref="ManagedIdentityClientId"/>, or else <see cref="DefaultAzureCredential"/>.</summary>
    public TokenCredential? Credential { get; set; }

    /// <summary>The client id of a user-assigned managed identity.</summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>
    /// Another identity, by which keys are taken in and nothing else is done (security decision 20); unset: the managed identity of <see cref="ImportManagedIdentityClientId"/>,
    /// or else no key is taken in.
    /// </summary>
    public TokenCredential? ImportCredential { get; set; }

    /// <summary>The client id of a user-assigned managed identity, for import. Not <see cref="ManagedIdentityClientId"/>.</summary>
    public string? ImportManagedIdentityClientId { get; set; }

    /// <summary>The most calls that are on their way to one HSM at one time, 1 to 256. Each has a connection of its own.</summary>
    public int MaxConcurrentCalls { get; set; } = 32;

    /// <summary>The most of them for the digests of one batch: a large batch must leave places for everybody else.</summary>
    public int MaxConcurrentCallsPerBatch { get; set; } = 8;

    /// <summary>The longest that one attempt may take; time for getting an access token is not counted.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest that one operation may take, all attempts, pauses and digests of a batch included: at most 9 s.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>The pause between two creations of keys by this process: both services make one a second (azure limits of 2025-12 and 2021).</summary>
    public TimeSpan KeyCreationInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest that making one key may take, its wait for <see cref="KeyCreationInterval"/> included.</summary>
    public TimeSpan KeyCreationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Lets tests lead the connection to a server of their own, under the real name. Products cannot set it.</summary>
    internal Action<SocketsHttpHandler>? ConfigureTransport { get; set; }

    /// <summary>The one credential of signing and of key management: with one each, each would get and keep tokens of its own.</summary>
    public TokenCredential ChooseCredential() => Credential ??= ManagedIdentityClientId is { } clientId
        ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
        : new DefaultAzureCredential();

    /// <summary>The identity for import; null if there is none. There is no default: it would be the SAM's own.</summary>
    public TokenCredential? ChooseImportCredential() => ImportCredential ??= ImportManagedIdentityClientId is { } clientId
        ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId))
        : null;

    /// <summary>Checks the settings and opens nothing: a host that opens later still refuses to start with wrong ones.</summary>
    /// <exception cref="KeyBackendException">A setting is missing or out of its range.</exception>
    public HsmService Validate()
    {
        Require(
            Endpoint is null || Pools.Count == 0,
            $"{nameof(Endpoint)} and {nameof(Pools)} are both set. With {nameof(Pools)}, the first of them is the HSM that {nameof(Endpoint)} was.");
        HsmService service = Pools.Count == 0 ? ValidateAddress(Endpoint, nameof(Endpoint)) : ValidatePools();
        Require(
            ImportManagedIdentityClientId is null || !string.Equals(ImportManagedIdentityClientId, ManagedIdentityClientId, StringComparison.OrdinalIgnoreCase),
            $"{nameof(ImportManagedIdentityClientId)} is the SAM's own: whoever takes keys in must do nothing else.");
        Require(ImportCredential is null || ImportCredential != Credential, $"{nameof(ImportCredential)} is the SAM's own: whoever takes keys in must do nothing else.");
        Require(MaxConcurrentCalls is >= 1 and <= 256, $"{nameof(MaxConcurrentCalls)} is {MaxConcurrentCalls}; it must be 1 to 256.");
        Require(
            MaxConcurrentCallsPerBatch >= 1 && MaxConcurrentCallsPerBatch <= MaxConcurrentCalls,
            $"{nameof(MaxConcurrentCallsPerBatch)} is {MaxConcurrentCallsPerBatch}; it must be 1 to {nameof(MaxConcurrentCalls)}.");
        Require(AttemptTimeout >= _minTimeout && AttemptTimeout <= OperationTimeout, $"{nameof(AttemptTimeout)} must be 0.1 s to {nameof(OperationTimeout)}.");
        Require(OperationTimeout <= _maxOperationTimeout, $"{nameof(OperationTimeout)} must be at most 9 s.");
        Require(KeyCreationInterval >= TimeSpan.Zero && KeyCreationInterval <= TimeSpan.FromMinutes(1), $"{nameof(KeyCreationInterval)} must be 0 to 60 s.");
        Require(KeyCreationTimeout >= _minTimeout && KeyCreationTimeout <= TimeSpan.FromMinutes(5), $"{nameof(KeyCreationTimeout)} must be 0.1 s to 5 min.");
        return service;
    }

    /// <summary>The pools, or the one HSM as a pool without a name. Its limit is then the HSM's own: there is no other to choose.</summary>
    internal IReadOnlyList<ManagedHsmPoolOptions> GetPools() =>
        Pools.Count > 0 ? [.. Pools] : [new ManagedHsmPoolOptions { Endpoint = Endpoint, ConfigureTransport = ConfigureTransport }];

    /// <summary>How many keys a pool may have; null: it is not counted.</summary>
    internal int? GetMaxKeys(ManagedHsmPoolOptions pool, HsmService service) =>
        pool.MaxKeys ?? (service == HsmService.ManagedHsm && Pools.Count > 0 ? DefaultMaxKeys : null);

    private HsmService ValidatePools()
    {
        Require(Pools.Count <= MostPools, $"{nameof(Pools)} are {Pools.Count}; there can be {MostPools}.");
        HsmService[] services = new HsmService[Pools.Count];
        for (int i = 0; i < Pools.Count; i++)
        {
            ManagedHsmPoolOptions pool = Pools[i];
            string setting = $"{nameof(Pools)}:{i}:";
            Require(
                pool.Name is { Length: > 0 and <= LongestPoolName } name && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)),
                $"{setting}{nameof(pool.Name)} must be 1 to {LongestPoolName} lower-case letters and digits.");
            services[i] = ValidateAddress(pool.Endpoint, $"{setting}{nameof(pool.Endpoint)}");
            Require(pool.MaxKeys is null or >= 1, $"{setting}{nameof(pool.MaxKeys)} is {pool.MaxKeys}; it must be at least 1.");
            Require(
                services[i] != HsmService.ManagedHsm || pool.MaxKeys is null or <= MostKeys,
                $"{setting}{nameof(pool.MaxKeys)} is {pool.MaxKeys}; a Managed HSM holds {MostKeys} keys.");

            // A key under two names would be two credentials' key, and an HSM under two names would be counted twice.
            Require(Pools.Take(i).All(other => other.Name != pool.Name), $"{setting}{nameof(pool.Name)} is taken: '{pool.Name}' is another pool's.");
            Require(Pools.Take(i).All(other => other.Endpoint!.IdnHost != pool.Endpoint!.IdnHost), $"{setting}{nameof(pool.Endpoint)} is another pool's.");
            Require(services[i] == services[0], $"{setting}{nameof(pool.Endpoint)} is no {services[0]}, as the first pool is.");
        }

        return services[0];
    }

    private HsmService ValidateAddress([System.Diagnostics.CodeAnalysis.NotNull] Uri? address, string setting)
    {
        Require(address is not null, $"{setting} is not set: the address of the HSM.");

        // A token that goes out in the clear is everybody's, and a path, a query or a user's name has no meaning here.
        Require(
            address is { IsAbsoluteUri: true, HostNameType: UriHostNameType.Dns, PathAndQuery: "/", UserInfo: "", Fragment: "" } && address.Scheme == Uri.UriSchemeHttps,
            $"{setting} must be https://, the HSM's full name, and nothing else.");

        // The challenge is held against the name's domain.
        Require(address.IdnHost.Split('.') is [{ Length: > 0 }, _, _, ..], $"{setting} must be the HSM's full name, with its domain.");
        HsmService? service = Service ?? ServiceOf(address.IdnHost);
        Require(service is HsmService.ManagedHsm or HsmService.KeyVaultPremium, $"{nameof(Service)} is not set, and '{address.IdnHost}' does not tell which it is.");
        return service.Value;
    }

    private static HsmService? ServiceOf(string host) =>
        host.EndsWith(".managedhsm.azure.net", StringComparison.OrdinalIgnoreCase) ? HsmService.ManagedHsm
        : host.EndsWith(".vault.azure.net", StringComparison.OrdinalIgnoreCase) ? HsmService.KeyVaultPremium
        : null;

    private static void Require([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool met, string message)
    {
        if (!met)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, message);
        }
    }
}
