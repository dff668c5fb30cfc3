using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Management;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>What is asked of the HSM for each kind of key, and whether what it made is that.</summary>
internal sealed record KeyPlan(KeyPurpose Purpose, KeyCreation Creation, KeyAlgorithm? Algorithm)
{
    // Decrypts, takes keys in; and makes MACs, and wraps, where there are no AES keys: the size that is advised beyond 2030.
    private const int RsaBits = 3072;
    private const int AesBits = 256;

    /// <summary>The public key that it must have; null for a key that is made.</summary>
    internal byte[]? SubjectPublicKeyInfo { get; private init; }

    internal static KeyPlan ForSigning(KeyName keyName, KeyAlgorithm algorithm)
    {
        string name = HsmKeyName.NameOf(keyName);
        KeyCreation creation = algorithm.IsRsa
            ? new KeyCreation(name, "RSA-HSM", algorithm.SizeInBits, Curve: null, ["sign"])
            : new KeyCreation(name, "EC-HSM", SizeInBits: null, $"P-{algorithm.SizeInBits}", ["sign"]);
        return new KeyPlan(KeyPurpose.Sign, creation, algorithm);
    }

    /// <summary>A key that comes from elsewhere: what is asked of one that is made here, and that it is this one.</summary>
    internal static KeyPlan ForImport(KeyName keyName, KeyAlgorithm algorithm, byte[] subjectPublicKeyInfo) =>
        ForSigning(keyName, algorithm) with { SubjectPublicKeyInfo = subjectPublicKeyInfo };

    internal static KeyPlan ForExchange() => new(
        KeyPurpose.Exchange, new KeyCreation(HsmKeyName.NewName(KeyPurpose.Exchange), "RSA-HSM", RsaBits, Curve: null, ["import"]), KeyAlgorithm.Rsa3072);

    internal static KeyPlan ForWrapping(HsmService service) => Secret(KeyPurpose.Wrap, service, ["wrapKey", "unwrapKey"]);

    internal static KeyPlan ForMac(HsmService service) => Secret(KeyPurpose.Mac, service, ["sign"]);

    internal static KeyPlan ForDecryption() => new(
        KeyPurpose.Decrypt, new KeyCreation(HsmKeyName.NewName(KeyPurpose.Decrypt), "RSA-HSM", RsaBits, Curve: null, ["decrypt"]), KeyAlgorithm.Rsa3072);

    /// <summary>Null when the HSM made, or took in, what was asked for; otherwise what is wrong with it.</summary>
    internal string? FindFault(ManagedKey made) =>
        made.KeyType != Creation.KeyType ? $"its type is not {Creation.KeyType}"
        : made.IsExportable ? "it can be exported"
        : !made.Operations.ToHashSet(StringComparer.Ordinal).SetEquals(Creation.Operations) ? "it may be used for something else"
        : !HsmKeyName.IsVersion(made.Version) ? "its version is none"
        : Algorithm is not null && PublicKeys.Read(made.SubjectPublicKeyInfo)?.Algorithm != Algorithm ? $"it is no {Algorithm} key"
        : SubjectPublicKeyInfo is not null && !SubjectPublicKeyInfo.AsSpan().SequenceEqual(PublicKeys.Read(made.SubjectPublicKeyInfo)!.Value.SubjectPublicKeyInfo) ? "it is another key"
        : null;

    private static KeyPlan Secret(KeyPurpose purpose, HsmService service, string[] operations)
    {
        string name = HsmKeyName.NewName(purpose);
        return service == HsmService.ManagedHsm
            ? new KeyPlan(purpose, new KeyCreation(name, "oct-HSM", AesBits, Curve: null, operations), Algorithm: null)
            : new KeyPlan(purpose, new KeyCreation(name, "RSA-HSM", RsaBits, Curve: null, operations), KeyAlgorithm.Rsa3072);
    }
}
