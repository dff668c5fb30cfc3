using System.Security.Cryptography;
using System.Text.Json;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Randomness;
using Sam.Core.Rows;
using Sam.Core.Values;

namespace Sam.Core.Sealing;

/// <summary>
/// The SAM's own keys: the data key (wrapped by a key in the HSM, unwrapped once per process; security decision 17), the pepper of PIN verifiers, and the key that
/// it signs with in its own name. They are made by the first process that ever starts on an empty table, and named in one row.
/// </summary>
/// <remarks>
/// The row <c>Keys/system/keyring</c> is the only one that no data key seals: a MAC by the HSM vouches for it. Whoever writes to the table can name another MAC key, and
/// make no tag with it.
/// Two processes that start at once both make keys; the insert of the row decides, and the loser destroys its own.
/// </remarks>
internal sealed class SystemKeys : IDisposable
{
    private const string SealPurpose = "keyring";
    private const int DeploymentIdSize = 16;

    private readonly DataKey _dataKey;

    private SystemKeys(DataKey dataKey, Envelope envelope, KeyringNames names, KeyringRow keyring, IKeyBackend backend)
    {
        _dataKey = dataKey;
        Envelope = envelope;
        Pepper = KeyReference.Parse(names.Pepper);
        MacKey = KeyReference.Parse(keyring.MacKey);
        KeyringDigest = SHA256.HashData(keyring.Tagged());
        Identity = new ModuleIdentity(backend, KeyReference.Parse(names.Identity), names.IdentityPublicKey);
        DeploymentId = names.Deployment;
        Epoch = names.Epoch;
    }

    /// <summary>Where the keyring stands.</summary>
    internal static RowAddress Address { get; } = new(SamTable.Keys, "system", "keyring");

    /// <summary>Seals and opens under the data key.</summary>
    internal Envelope Envelope { get; }

    /// <summary>The MAC key for new PIN verifiers; each verifier names the one it was made with.</summary>
    internal KeyReference Pepper { get; }

    /// <summary>The MAC key that vouches for what stands outside the seals.</summary>
    internal KeyReference MacKey { get; }

    /// <summary>SHA-256 over what the keyring's tag is over: what the anchor names the data key by.</summary>
    internal byte[] KeyringDigest { get; }

    /// <summary>What the SAM says in its own name.</summary>
    internal ModuleIdentity Identity { get; }

    /// <summary>The deployment's random id, 32 hexadecimal digits: what is signed for one deployment must not hold at another.</summary>
    internal string DeploymentId { get; }

    /// <summary>The deployment epoch that SADs carry (security decision 21).</summary>
    internal uint Epoch { get; }

    /// <summary>Opens the keys of this deployment, or makes them if there are none.</summary>
    /// <exception cref="KeyBackendException">The HSM is away, or is not the one that the keyring was wrapped by.</exception>
    /// <exception cref="RowStoreException">The store is away, or the keyring was changed.</exception>
    internal static async Task<SystemKeys> OpenAsync<TBackend>(IRowStore store, TBackend backend, CancellationToken cancellationToken)
        where TBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor
    {
        StoredRow row = await store.ReadAsync(Address, cancellationToken)
            ?? await CreateAsync(store, backend, cancellationToken);
        KeyringRow keyring = Parse(row.Content.Span);
        byte[] tag = await backend.ComputeMacAsync(KeyReference.Parse(keyring.MacKey), keyring.Tagged(), cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(tag, keyring.Tag))
        {
            throw Changed();
        }

        byte[] secret = await backend.UnwrapAsync(KeyReference.Parse(keyring.WrappingKey), keyring.WrappedDataKey, cancellationToken);
        try
        {
            // The HSM may have wrapped other things than data keys.
            DataKey dataKey = secret.Length == DataKey.SizeInBytes ? new(keyring.DataKeyId, secret) : throw Changed();
            Envelope envelope = new(dataKey);
            byte[]? opened = envelope.Open(SealPurpose, Bound(keyring.WrappingKey), keyring.SealedNames);
            if (opened is null || JsonSerializer.Deserialize(opened, RowJson.Default.KeyringNames) is not { } names)
            {
                dataKey.Dispose();
                throw Changed();
            }

            return new SystemKeys(dataKey, envelope, names, keyring, backend);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    public void Dispose() => _dataKey.Dispose();

    private static async Task<StoredRow> CreateAsync<TBackend>(IRowStore store, TBackend backend, CancellationToken cancellationToken)
        where TBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor
    {
        if ((await backend.ReadAnchorsAsync(cancellationToken)).Count > 0)
        {
            // Whoever deletes the row must not get a new deployment, with new privileged users, over an old one's keys.
            throw new RowStoreException("The keyring row is gone, and the HSM holds the anchor of an initialised deployment.");
        }

        await ProveWritableAsync(store, cancellationToken);
        KeyReference wrappingKey = await backend.CreateWrappingKeyAsync(cancellationToken);
        KeyReference pepper = await backend.CreateMacKeyAsync(cancellationToken);
        SigningKey identity = await backend.GenerateKeyAsync(KeyName.New(), KeyAlgorithm.P256, cancellationToken);
        byte[] id = RandomSource.GetBytes(DataKey.IdSizeInBytes);
        byte[] secret = RandomSource.GetBytes(DataKey.SizeInBytes);
        byte[] content;
        try
        {
            using DataKey dataKey = new(id, secret);
            byte[] names = JsonSerializer.SerializeToUtf8Bytes(
                new KeyringNames(RandomIds.New(DeploymentIdSize), pepper.Value, identity.Reference.Value, identity.SubjectPublicKeyInfo.ToArray(), Epoch: 1), RowJson.Default.KeyringNames);
            KeyringRow keyring = new(
                wrappingKey.Value,
                pepper.Value,
                id,
                await backend.WrapAsync(wrappingKey, secret, cancellationToken),
                new Envelope(dataKey).Seal(SealPurpose, Bound(wrappingKey.Value), names),
                Tag: []);
            keyring = keyring with { Tag = await backend.ComputeMacAsync(pepper, keyring.Tagged(), cancellationToken) };
            content = JsonSerializer.SerializeToUtf8Bytes(keyring, RowJson.Default.KeyringRow);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        _ = await store.InsertAsync(Address, content, cancellationToken);
        StoredRow winner = await store.ReadAsync(Address, CancellationToken.None)
            ?? throw new RowStoreException("The keyring row was written and is not there.");
        if (!winner.Content.Span.SequenceEqual(content))
        {
            await backend.DestroyKeyAsync(wrappingKey, CancellationToken.None);
            await backend.DestroyKeyAsync(pepper, CancellationToken.None);
            await backend.DestroyKeyAsync(identity.Reference, CancellationToken.None);
        }

        return winner;
    }

    /// <summary>
    /// A store that cannot be written must not cost two keys of the HSM per try: whoever waits for this SAM tries once a second, and a deleted key takes its place for
    /// days or months.
    /// </summary>
    /// <exception cref="RowStoreException">The store is away, or refuses to be written.</exception>
    private static async Task ProveWritableAsync(IRowStore store, CancellationToken cancellationToken)
    {
        RowAddress trial = Address with { RowKey = $"trial-{RandomSource.GetHex(16)}" };
        RowWriteResult written = await store.InsertAsync(trial, new byte[1], cancellationToken);
        if (written.Outcome != RowWriteOutcome.Written)
        {
            throw new RowStoreException("The store of the SAM's keys cannot be written.");
        }

        _ = await store.DeleteAsync(trial, written.ETag, CancellationToken.None);
    }

    private static KeyringRow Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, RowJson.Default.KeyringRow) is { } keyring
                && keyring.DataKeyId.Length == DataKey.IdSizeInBytes && KeyReference.TryParse(keyring.WrappingKey, out _) && KeyReference.TryParse(keyring.MacKey, out _)
                ? keyring
                : throw Changed();
        }
        catch (JsonException malformed)
        {
            throw Changed(malformed);
        }
    }

    private static RowStoreException Changed(Exception? malformed = null) => new("The keyring row was changed: it is malformed, or its seal does not open.", malformed);

    private static byte[] Bound(string wrappingKey) => AssociatedData.Of("sam-keyring", wrappingKey);
}
