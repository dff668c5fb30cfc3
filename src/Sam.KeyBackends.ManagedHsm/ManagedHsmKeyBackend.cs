using System.Security.Cryptography;
using Azure.Core;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.KeyBackends.ManagedHsm.Keys;
using Sam.KeyBackends.ManagedHsm.Management;
using Sam.KeyBackends.ManagedHsm.Pools;
using Sam.KeyBackends.ManagedHsm.Wire;

namespace Sam.KeyBackends.ManagedHsm;

/// <summary>
/// Azure Managed HSM or Key Vault Premium as the SAM's HSM, or several of them: one request per signature. A key's reference is its pool, name and version.
/// Keys are made, read and deleted through <see cref="IKeyManagement"/>; all else goes over a connection of its own.
/// </summary>
public sealed class ManagedHsmKeyBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport, IKeyDecryption, IRandomBytes, IKeyAttestation
{
    private readonly ManagedHsmOptions _options;
    // RSA-OAEP with SHA-256 takes 66 bytes of a modulus; the largest has 512.
    private const int LongestSecret = 512 - 66;

    private readonly HsmService _service;
    private readonly HsmPools _pools;
    private readonly SecretWrapping _wrapping;
    private readonly MacScheme _mac;

    /// <summary>Checks the settings and sends nothing: a functions host has 30 s to start and no time for an HSM that is away.</summary>
    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/> with one line that names the setting at fault.</exception>
    /// <param name="options">The settings.</param>
    /// <param name="managementAt">Key management at the HSM of this address by this identity; asked once for each.</param>
    /// <param name="time">The clock.</param>
    public ManagedHsmKeyBackend(ManagedHsmOptions options, Func<Uri, TokenCredential, IKeyManagement> managementAt, TimeProvider time)
    {
        _service = options.Validate();
        _options = options;
        _pools = new HsmPools(options, _service, managementAt, time);
        _wrapping = new SecretWrapping(_service);
        _mac = new MacScheme(_service);
        Description = new KeyBackendDescription(
            _service == HsmService.ManagedHsm ? "managed-hsm" : "key-vault-premium", KeyAlgorithm.All, SignatureAlgorithm.All)
        {
            Missing = (_service == HsmService.ManagedHsm ? KeyBackendCapabilities.None : KeyBackendCapabilities.RandomBytes | KeyBackendCapabilities.Attestation)
                | (options.ChooseImportCredential() is null ? KeyBackendCapabilities.KeyImport : KeyBackendCapabilities.None),
        };
    }

    /// <inheritdoc/>
    public KeyBackendDescription Description { get; }

    /// <inheritdoc/>
    public async Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken)
    {
        (HsmKeyName made, ManagedKey key) = await _pools.CreateSpreadAsync(KeyPlan.ForSigning(name, algorithm), cancellationToken);
        return new SigningKey(made.Reference, algorithm, PublicKeys.Read(key.SubjectPublicKeyInfo)!.Value.SubjectPublicKeyInfo);
    }

    /// <inheritdoc/>
    public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken) => _pools.AbandonAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken)
    {
        HsmKeyName name = Parse(key, KeyPurpose.Sign);
        return await GetPublicKeyAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<byte[]>> SignDigestsAsync(
        KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        HsmKeyName name = Parse(key, KeyPurpose.Sign);
        HsmClient client = _pools.Of(name).Client;
        using Operation operation = client.Begin(cancellationToken);
        byte[][] signatures = new byte[digests.Count][];
        int next = -1;

        // Each worker takes the next digest until one of the batch has failed. All are awaited: nothing is under way any more when the caller is told.
        await Task.WhenAll(Enumerable.Range(0, Math.Min(digests.Count, _options.MaxConcurrentCallsPerBatch)).Select(async _ =>
        {
            for (int i; !operation.HasFailed && (i = Interlocked.Increment(ref next)) < signatures.Length;)
            {
                signatures[i] = await SignAsync(client, name, algorithm, digests[i], operation);
            }
        }));
        return signatures;
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken)
    {
        DateTimeOffset? keptUntil = null;
        foreach (KeyPurpose purpose in Enum.GetValues<KeyPurpose>())
        {
            if (HsmKeyName.TryParse(key, purpose, out HsmKeyName? name))
            {
                // A pool that the settings do not have (any more) may well have the key: that is told, and not taken for a key that is gone.
                keptUntil = await _pools.Of(name).Keys.DestroyAsync(name, cancellationToken) ?? keptUntil;
            }
        }

        return keptUntil;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<byte[]>> ReadAnchorsAsync(CancellationToken cancellationToken) => AnchorTags.Read(await _pools.First.Keys.FindAnchorAsync(cancellationToken));

    /// <inheritdoc/>
    public async Task WriteAnchorAsync(ReadOnlyMemory<byte> anchor, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(anchor.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(anchor.Length, IHsmAnchor.MaxSize);
        ManagedKey? found = await _pools.First.Keys.FindAnchorAsync(cancellationToken);
        await _pools.First.Keys.SetAnchorAsync(found, AnchorTags.Next(AnchorTags.Read(found), anchor.ToArray(), superseded), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync(CancellationToken cancellationToken)
    {
        RequireNotMissing(KeyBackendCapabilities.KeyImport);
        (HsmKeyName made, ManagedKey key) = await _pools.CreateSpreadAsync(KeyPlan.ForExchange(), cancellationToken);
        return (made.Reference, PublicKeys.Read(key.SubjectPublicKeyInfo)!.Value.SubjectPublicKeyInfo);
    }

    /// <inheritdoc/>
    public async Task<SigningKey> ImportKeyAsync(
        KeyName name, KeyAlgorithm algorithm, KeyReference exchangeKey, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> subjectPublicKeyInfo, CancellationToken cancellationToken)
    {
        RequireNotMissing(KeyBackendCapabilities.KeyImport);
        HsmKeyName exchange = Parse(exchangeKey, KeyPurpose.Exchange);
        if (PublicKeys.Read(subjectPublicKeyInfo.ToArray()) is not { } publicKey || publicKey.Algorithm != algorithm)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, $"Managed HSM: the public key is none of {algorithm}.");
        }

        KeyPlan plan = KeyPlan.ForImport(name, algorithm, publicKey.SubjectPublicKeyInfo);
        (HsmKeyName taken, _) = await _pools.Of(exchange).ImportAsync(plan, exchange, blob, cancellationToken);
        return await ImportedKey.ProveAsync(this, name, new SigningKey(taken.Reference, algorithm, publicKey.SubjectPublicKeyInfo), cancellationToken);
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => _pools.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<KeyReference> CreateWrappingKeyAsync(CancellationToken cancellationToken) =>
        (await _pools.CreateSystemKeyAsync(KeyPlan.ForWrapping(_service), cancellationToken)).Name.Reference;

    /// <inheritdoc/>
    public async Task<byte[]> WrapAsync(KeyReference key, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        byte[] prepared = _wrapping.Prepare(secret.Span);
        try
        {
            HsmKeyName name = Parse(key, KeyPurpose.Wrap);
            return await UseAsync(name, "wrapkey", _wrapping.Algorithm, prepared, _wrapping.IsWrappedLength, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prepared);
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]> UnwrapAsync(KeyReference key, ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
    {
        HsmKeyName name = Parse(key, KeyPurpose.Wrap);
        return _wrapping.IsWrappedLength(wrapped.Length)
            ? _wrapping.Restore(await UseAsync(name, "unwrapkey", _wrapping.Algorithm, wrapped, static _ => true, cancellationToken))
            : throw SecretWrapping.NotWrapped();
    }

    /// <inheritdoc/>
    public async Task<KeyReference> CreateMacKeyAsync(CancellationToken cancellationToken) =>
        (await _pools.CreateSystemKeyAsync(KeyPlan.ForMac(_service), cancellationToken)).Name.Reference;

    /// <inheritdoc/>
    public async Task<byte[]> ComputeMacAsync(KeyReference key, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        HsmKeyName name = Parse(key, KeyPurpose.Mac);
        byte[] input = MacScheme.Prepare(data.Span);
        return _mac.Complete(await UseAsync(name, "sign", _mac.Algorithm, input, length => length == _mac.AnswerLength, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<KeyReference> CreateDecryptionKeyAsync(CancellationToken cancellationToken) =>
        (await _pools.CreateSystemKeyAsync(KeyPlan.ForDecryption(), cancellationToken)).Name.Reference;

    /// <inheritdoc/>
    public async Task<byte[]> GetEncryptionKeyAsync(KeyReference key, CancellationToken cancellationToken)
    {
        HsmKeyName name = Parse(key, KeyPurpose.Decrypt);
        return await GetPublicKeyAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<byte[]> DecryptAsync(KeyReference key, ReadOnlyMemory<byte> encrypted, CancellationToken cancellationToken)
    {
        HsmKeyName name = Parse(key, KeyPurpose.Decrypt);
        return encrypted.Length is 256 or 384 or 512
            ? await UseAsync(name, "decrypt", "RSA-OAEP-256", encrypted, length => length <= LongestSecret, cancellationToken)
            : throw new KeyBackendException(KeyBackendFailure.Rejected, "Managed HSM: these bytes were not encrypted to this key.");
    }

    /// <inheritdoc/>
    public async Task<byte[]> GetRandomBytesAsync(int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IRandomBytes.MaxCount);
        RequireNotMissing(KeyBackendCapabilities.RandomBytes);
        HsmClient client = _pools.First.Client;
        using Operation operation = client.Begin(cancellationToken);
        using HsmCall call = HsmCall.Random(count);
        return await client.CallAsync(call, answer => answer.ReadValue() is { } value && value.Length == count ? value : null, operation);
    }

    /// <inheritdoc/>
    public async Task<KeyAttestation> AttestAsync(KeyReference key, CancellationToken cancellationToken)
    {
        RequireNotMissing(KeyBackendCapabilities.Attestation);
        HsmKeyName? name = null;
        return Array.Exists(Enum.GetValues<KeyPurpose>(), purpose => HsmKeyName.TryParse(key, purpose, out name))
            ? await _pools.Of(name!).Keys.AttestAsync(name!, cancellationToken)
            : throw NotFound();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _pools.Dispose();
        return ValueTask.CompletedTask;
    }

    // A reference that is none of this backend's, or is another purpose's, is a key that does not exist; the HSM is not asked.
    private static HsmKeyName Parse(KeyReference key, KeyPurpose purpose) => HsmKeyName.TryParse(key, purpose, out HsmKeyName? name)
        ? name
        : throw NotFound();

    private static KeyBackendException NotFound() => new(KeyBackendFailure.KeyNotFound, "Managed HSM: there is no such key for this purpose.");

    private void RequireNotMissing(KeyBackendCapabilities capability)
    {
        if (Description.Missing.HasFlag(capability))
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, capability == KeyBackendCapabilities.KeyImport
                ? $"{nameof(_options.ImportManagedIdentityClientId)} is not set: there is no identity that takes keys in."
                : $"Key Vault Premium has no {capability}.");
        }
    }

    private async Task<byte[]> GetPublicKeyAsync(HsmKeyName name, CancellationToken cancellationToken)
    {
        ManagedKey found = await _pools.Of(name).Keys.GetAsync(name, cancellationToken);
        return PublicKeys.Read(found.SubjectPublicKeyInfo)?.SubjectPublicKeyInfo
            ?? throw new KeyBackendException(KeyBackendFailure.Rejected, "Managed HSM: the public key is not usable.");
    }

    private static async Task<byte[]> SignAsync(HsmClient client, HsmKeyName key, SignatureAlgorithm algorithm, Digest digest, Operation operation)
    {
        using HsmCall call = HsmCall.Use(key, "sign", algorithm.Name, digest.Value);
        return await client.CallAsync(call, answer => answer.ReadValue(key) is { } value && IsSignatureLength(algorithm, value.Length) ? value : null, operation);
    }

    private async Task<byte[]> UseAsync(
        HsmKeyName key, string use, string algorithm, ReadOnlyMemory<byte> value, Func<int, bool> isLength, CancellationToken cancellationToken)
    {
        HsmClient client = _pools.Of(key).Client;
        using Operation operation = client.Begin(cancellationToken);
        using HsmCall call = HsmCall.Use(key, use, algorithm, value.Span);
        return await client.CallAsync(call, answer => answer.ReadValue(key) is { } result && isLength(result.Length) ? result : null, operation);
    }

    // R‖S at the curve's length (RFC 7518 section 3.4), or the length of a modulus; of which one, KeyBackendGuard knows.
    private static bool IsSignatureLength(SignatureAlgorithm algorithm, int length) =>
        KeyAlgorithm.All.Any(key => algorithm.Fits(key) && key.SignatureSizeInBytes == length);
}
