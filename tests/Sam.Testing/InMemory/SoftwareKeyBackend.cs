using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Testing.InMemory;

/// <summary>
/// Keys in the process's memory, for tests: all the contract asks of a backend but the one thing it is for. It counts what it signs.
/// </summary>
public sealed class SoftwareKeyBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport, IKeyAgreement, IRandomBytes
{
    private readonly ConcurrentDictionary<string, AsymmetricAlgorithm> _signing = new();
    private readonly ConcurrentDictionary<string, byte[]> _wrapping = new();
    private readonly ConcurrentDictionary<string, byte[]> _mac = new();
    private readonly ConcurrentDictionary<string, RSA> _exchange = new();
    private readonly ConcurrentDictionary<string, ECDiffieHellman> _agreement = new();
    private ImmutableList<byte[]> _anchors = [];
    private int _signed;

    /// <inheritdoc/>
    public KeyBackendDescription Description { get; } = new("software", KeyAlgorithm.All, SignatureAlgorithm.All);

    /// <summary>The SAM's own key, whose use is not counted.</summary>
    public KeyReference? OwnKey { get; set; }

    /// <summary>How many digests were signed.</summary>
    public int SignCount => Volatile.Read(ref _signed);

    /// <summary>The names of all keys that exist, of whatever kind.</summary>
    public IReadOnlyCollection<string> KeyNames => [.. _signing.Keys, .. _wrapping.Keys, .. _mac.Keys, .. _exchange.Keys, .. _agreement.Keys];

    /// <summary>Another HSM with the same keys under the same names, which has signed nothing yet.</summary>
    public SoftwareKeyBackend Copy()
    {
        SoftwareKeyBackend copy = new();
        foreach ((string name, AsymmetricAlgorithm key) in _signing)
        {
            copy._signing[name] = key is RSA rsa ? RSA.Create(rsa.ExportParameters(true)) : ECDsa.Create(((ECDsa)key).ExportParameters(true));
        }

        foreach ((string name, RSA key) in _exchange)
        {
            copy._exchange[name] = RSA.Create(key.ExportParameters(true));
        }

        foreach ((string name, ECDiffieHellman key) in _agreement)
        {
            copy._agreement[name] = ECDiffieHellman.Create(key.ExportParameters(true));
        }

        foreach ((ConcurrentDictionary<string, byte[]> from, ConcurrentDictionary<string, byte[]> to) in new[] { (_wrapping, copy._wrapping), (_mac, copy._mac) })
        {
            foreach ((string name, byte[] key) in from)
            {
                to[name] = key;
            }
        }

        copy._anchors = _anchors;
        return copy;
    }

    /// <inheritdoc/>
    public Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken)
    {
        AsymmetricAlgorithm key = algorithm.IsRsa ? RSA.Create(algorithm.SizeInBits) : ECDsa.Create(algorithm.ToCurve());
        KeyReference reference = KeyReference.Parse(name.Value);
        _signing[reference.Value] = key;
        return Task.FromResult(new SigningKey(reference, algorithm, key.ExportSubjectPublicKeyInfo()));
    }

    /// <inheritdoc/>
    public Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken) =>
        Task.FromResult(Find(_signing, key).ExportSubjectPublicKeyInfo());

    /// <inheritdoc/>
    public Task<IReadOnlyList<byte[]>> SignDigestsAsync(
        KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AsymmetricAlgorithm found = Find(_signing, key);
        return Task.FromResult<IReadOnlyList<byte[]>>([.. digests.Select(d => Sign(found, algorithm, d, isCounted: key != OwnKey))]);
    }

    /// <inheritdoc/>
    public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken)
    {
        _ = _signing.TryRemove(name.Value, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<byte[]>> ReadAnchorsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<byte[]>>([.. _anchors.Select(a => a.ToArray())]);

    /// <inheritdoc/>
    public Task WriteAnchorAsync(ReadOnlyMemory<byte> anchor, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(anchor.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(anchor.Length, IHsmAnchor.MaxSize);
        byte[] bytes = anchor.ToArray();
        _ = ImmutableInterlocked.Update(ref _anchors, anchors =>
            [.. anchors.Where(a => !a.AsSpan().SequenceEqual(bytes) && !superseded.Any(old => old.AsSpan().SequenceEqual(a))), bytes]);
        return Task.CompletedTask;
    }

    /// <summary>How many exchange keys wait.</summary>
    public int ExchangeKeyCount => _exchange.Count;

    /// <summary>What an administrator of the HSM can do: puts these in the place of all anchors.</summary>
    public void ForgeAnchors(params byte[][] anchors) => _anchors = [.. anchors];

    /// <inheritdoc/>
    public Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken)
    {
        _ = _signing.TryRemove(key.Value, out _);
        _ = _wrapping.TryRemove(key.Value, out _);
        _ = _mac.TryRemove(key.Value, out _);
        _ = _exchange.TryRemove(key.Value, out _);
        _ = _agreement.TryRemove(key.Value, out _);
        return Task.FromResult<DateTimeOffset?>(null);
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<KeyReference> CreateWrappingKeyAsync(CancellationToken cancellationToken) => Task.FromResult(New(_wrapping));

    /// <inheritdoc/>
    public Task<byte[]> WrapAsync(KeyReference key, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        using Aes aes = Aes.Create();
        aes.Key = Find(_wrapping, key);
        return Task.FromResult(aes.EncryptKeyWrapPadded(secret.Span));
    }

    /// <inheritdoc/>
    public Task<byte[]> UnwrapAsync(KeyReference key, ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
    {
        using Aes aes = Aes.Create();
        aes.Key = Find(_wrapping, key);
        try
        {
            return Task.FromResult(aes.DecryptKeyWrapPadded(wrapped.Span));
        }
        catch (Exception rejected) when (rejected is CryptographicException or ArgumentException)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, "This key did not wrap these bytes.", rejected);
        }
    }

    /// <inheritdoc/>
    public Task<KeyReference> CreateMacKeyAsync(CancellationToken cancellationToken) => Task.FromResult(New(_mac));

    /// <inheritdoc/>
    public Task<byte[]> GetRandomBytesAsync(int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IRandomBytes.MaxCount);
        return Task.FromResult(RandomNumberGenerator.GetBytes(count));
    }

    /// <inheritdoc/>
    public Task<byte[]> ComputeMacAsync(KeyReference key, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(HMACSHA256.HashData(Find(_mac, key), data.Span));
    }

    /// <inheritdoc/>
    public Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync(CancellationToken cancellationToken)
    {
        RSA key = RSA.Create(3072);
        KeyReference reference = NewReference();
        _exchange[reference.Value] = key;
        return Task.FromResult((reference, key.ExportSubjectPublicKeyInfo()));
    }

    /// <inheritdoc/>
    public Task<KeyReference> CreateAgreementKeyAsync(CancellationToken cancellationToken)
    {
        KeyReference reference = NewReference();
        _agreement[reference.Value] = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Task.FromResult(reference);
    }

    /// <inheritdoc/>
    public Task<byte[]> GetAgreementKeyAsync(KeyReference key, CancellationToken cancellationToken) => Task.FromResult(Find(_agreement, key).ExportSubjectPublicKeyInfo());

    /// <inheritdoc/>
    public Task<byte[]> AgreeAsync(KeyReference key, ReadOnlyMemory<byte> other, CancellationToken cancellationToken)
    {
        using ECDiffieHellman peer = ECDiffieHellman.Create();
        try
        {
            peer.ImportSubjectPublicKeyInfo(other.Span, out _);
            return Task.FromResult(Find(_agreement, key).DeriveRawSecretAgreement(peer.PublicKey));
        }
        catch (Exception rejected) when (rejected is CryptographicException or ArgumentException)
        {
            throw new KeyBackendException(KeyBackendFailure.Rejected, "This is no P-256 key.", rejected);
        }
    }

    /// <inheritdoc/>
    public async Task<SigningKey> ImportKeyAsync(
        KeyName name, KeyAlgorithm algorithm, KeyReference exchangeKey, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> subjectPublicKeyInfo, CancellationToken cancellationToken)
    {
        byte[] publicKey = KeyTransfer.Encode(algorithm, subjectPublicKeyInfo.Span);
        AsymmetricAlgorithm key = KeyTransfer.Unwrap(Find(_exchange, exchangeKey), algorithm, blob.Span)
            ?? throw new KeyBackendException(KeyBackendFailure.Rejected, "The blob does not open to a key of this algorithm.");
        _signing[name.Value] = key;
        return await ImportedKey.ProveAsync(this, name, new SigningKey(KeyReference.Parse(name.Value), algorithm, publicKey), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (AsymmetricAlgorithm key in (AsymmetricAlgorithm[])[.. _signing.Values, .. _exchange.Values, .. _agreement.Values])
        {
            key.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static KeyReference NewReference() => KeyReference.Parse(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    private static KeyReference New(ConcurrentDictionary<string, byte[]> keys)
    {
        KeyReference reference = NewReference();
        keys[reference.Value] = RandomNumberGenerator.GetBytes(32);
        return reference;
    }

    private static T Find<T>(ConcurrentDictionary<string, T> keys, KeyReference reference) => keys.TryGetValue(reference.Value, out T? key)
        ? key
        : throw new KeyBackendException(KeyBackendFailure.KeyNotFound, "There is no such key.");

    private byte[] Sign(AsymmetricAlgorithm key, SignatureAlgorithm algorithm, Digest digest, bool isCounted)
    {
        _ = Interlocked.Add(ref _signed, isCounted ? 1 : 0);
        lock (key)
        {
            return key switch
            {
                RSA rsa => rsa.SignHash(
                    digest.Value, algorithm.Hash.BclName, algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
                ECDsa ecdsa => ecdsa.SignHash(digest.Value, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
                _ => throw new InvalidOperationException("No such key type."),
            };
        }
    }
}
