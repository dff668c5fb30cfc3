namespace Sam.KeyBackends.ManagedHsm;

/// <summary>One of several HSMs over which the signers' keys are spread.</summary>
public sealed class ManagedHsmPoolOptions
{
    /// <summary>
    /// What it is called in the references of its keys: 1 to 16 lower-case letters and digits. Fixed for ever: a key whose pool has another name is not found any more.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>Its address, as <see cref="ManagedHsmOptions.Endpoint"/>.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// The most keys that it is filled with. Unset: 4,000 on Managed HSM, which holds 5,000: what is deleted may count until its purge, and other processes make keys
    /// between two counts. On Key Vault Premium, which has no limit: none.
    /// </summary>
    public int? MaxKeys { get; set; }

    /// <summary>As <see cref="ManagedHsmOptions.ConfigureTransport"/>.</summary>
    internal Action<SocketsHttpHandler>? ConfigureTransport { get; set; }
}
