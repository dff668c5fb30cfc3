using System.Collections.ObjectModel;

namespace Sam.KeyBackends.ManagedHsm.Management;

/// <summary>A key as the HSM describes it.</summary>
/// <param name="Version">The version.</param>
/// <param name="KeyType">The type, as <see cref="KeyCreation.KeyType"/>.</param>
/// <param name="Operations">All it may be used for (<c>key_ops</c>).</param>
/// <param name="IsExportable">Whether its private part may leave the HSM.</param>
/// <param name="SubjectPublicKeyInfo">The public key, DER; null for AES keys.</param>
public sealed record ManagedKey(string Version, string KeyType, IReadOnlyList<string> Operations, bool IsExportable, byte[]? SubjectPublicKeyInfo)
{
    /// <summary>Its tags: whoever may write keys can write them.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
