using System.Collections.Concurrent;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;

namespace Sam.Testing.InMemory;

/// <summary>An HSM on a bad day: a delegate before each signing call may hold it or throw, and one after it may change what comes back.</summary>
/// <typeparam name="TBackend">The backend behind it.</typeparam>
public sealed class FaultyKeyBackend<TBackend> : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport, IKeyAgreement
    where TBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport, IKeyAgreement
{
    private readonly TBackend _inner;
    private readonly ConcurrentQueue<IReadOnlyList<Digest>> _handedOver = new();
    private int _calls;
    private int _agreed;

    /// <summary>Stands in front of a backend.</summary>
    public FaultyKeyBackend(TBackend inner) => _inner = inner;

    /// <summary>How many signing calls began, whatever became of them.</summary>
    public int SignCalls => Volatile.Read(ref _calls);

    /// <summary>How many agreements began, whatever became of them.</summary>
    public int Agreements => Volatile.Read(ref _agreed);

    /// <summary>Asked before each agreement key is made. It may await something or throw.</summary>
    public Func<Task>? BeforeAgreementKey { get; set; }

    /// <summary>Asked before each agreement. It may await something or throw.</summary>
    public Func<Task>? BeforeAgree { get; set; }

    /// <summary>What each signing call was given, in the order of the calls.</summary>
    public IReadOnlyList<IReadOnlyList<Digest>> HandedOver => [.. _handedOver];

    /// <summary>The SAM's own key, whose use is neither counted nor disturbed: tests are about signers' keys.</summary>
    public KeyReference? OwnKey { get; set; }

    /// <summary>Asked before each signing call. It may await something or throw.</summary>
    public Func<Task>? BeforeSign { get; set; }

    /// <summary>Changes the signatures on their way out.</summary>
    public Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>>? ChangeSignatures { get; set; }

    /// <summary>Asked before each check of the HSM. It may await something or throw.</summary>
    public Func<Task>? BeforeCheck { get; set; }

    /// <summary>Asked before each MAC. It may await something or throw.</summary>
    public Func<Task>? BeforeMac { get; set; }

    /// <inheritdoc/>
    public KeyBackendDescription Description => _inner.Description;

    /// <summary>A change for <see cref="ChangeSignatures"/>: one bit of the last signature.</summary>
    public static IReadOnlyList<byte[]> FlipOneBit(IReadOnlyList<byte[]> signatures)
    {
        byte[] last = [.. signatures[^1]];
        last[last.Length / 2] ^= 0x10;
        return [.. signatures.SkipLast(1), last];
    }

    /// <summary>Asked before each signing key is made or taken in. It may await something or throw.</summary>
    public Func<KeyName, Task>? BeforeKey { get; set; }

    /// <summary>Asked after each signing key was made or taken in, before its maker is told. It may await something or throw.</summary>
    public Func<KeyName, Task>? AfterKey { get; set; }

    /// <summary>Asked before each writing of the anchor. It may await something or throw.</summary>
    public Func<Task>? BeforeAnchor { get; set; }

    /// <summary>Asked before each reading of the anchors. It may await something or throw.</summary>
    public Func<Task>? BeforeReadAnchors { get; set; }

    /// <summary>Asked before each destruction of a key. It may await something or throw.</summary>
    public Func<Task>? BeforeDestroy { get; set; }

    /// <inheritdoc/>
    public async Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken)
    {
        await (BeforeKey?.Invoke(name) ?? Task.CompletedTask);
        SigningKey key = await _inner.GenerateKeyAsync(name, algorithm, cancellationToken);
        await (AfterKey?.Invoke(name) ?? Task.CompletedTask);
        return key;
    }

    /// <inheritdoc/>
    public Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync(CancellationToken cancellationToken) => _inner.CreateExchangeKeyAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<KeyReference> CreateAgreementKeyAsync(CancellationToken cancellationToken)
    {
        await (BeforeAgreementKey?.Invoke() ?? Task.CompletedTask);
        return await _inner.CreateAgreementKeyAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<byte[]> GetAgreementKeyAsync(KeyReference key, CancellationToken cancellationToken) => _inner.GetAgreementKeyAsync(key, cancellationToken);

    /// <inheritdoc/>
    public async Task<byte[]> AgreeAsync(KeyReference key, ReadOnlyMemory<byte> other, CancellationToken cancellationToken)
    {
        _ = Interlocked.Increment(ref _agreed);
        await (BeforeAgree?.Invoke() ?? Task.CompletedTask);
        return await _inner.AgreeAsync(key, other, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<SigningKey> ImportKeyAsync(
        KeyName name, KeyAlgorithm algorithm, KeyReference exchangeKey, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> subjectPublicKeyInfo, CancellationToken cancellationToken)
    {
        await (BeforeKey?.Invoke(name) ?? Task.CompletedTask);
        SigningKey key = await _inner.ImportKeyAsync(name, algorithm, exchangeKey, blob, subjectPublicKeyInfo, cancellationToken);
        await (AfterKey?.Invoke(name) ?? Task.CompletedTask);
        return key;
    }

    /// <inheritdoc/>
    public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken) => _inner.AbandonKeyAsync(name, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<byte[]>> ReadAnchorsAsync(CancellationToken cancellationToken)
    {
        await (BeforeReadAnchors?.Invoke() ?? Task.CompletedTask);
        return await _inner.ReadAnchorsAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task WriteAnchorAsync(ReadOnlyMemory<byte> anchor, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken)
    {
        await (BeforeAnchor?.Invoke() ?? Task.CompletedTask);
        await _inner.WriteAnchorAsync(anchor, superseded, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken) => _inner.GetPublicKeyAsync(key, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<byte[]>> SignDigestsAsync(
        KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        if (key == OwnKey)
        {
            return await _inner.SignDigestsAsync(key, algorithm, digests, cancellationToken);
        }

        _ = Interlocked.Increment(ref _calls);
        _handedOver.Enqueue([.. digests]);
        await (BeforeSign?.Invoke() ?? Task.CompletedTask);
        IReadOnlyList<byte[]> signatures = await _inner.SignDigestsAsync(key, algorithm, digests, cancellationToken);
        return ChangeSignatures is { } change ? change(signatures) : signatures;
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken)
    {
        await (BeforeDestroy?.Invoke() ?? Task.CompletedTask);
        return await _inner.DestroyKeyAsync(key, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await (BeforeCheck?.Invoke() ?? Task.CompletedTask);
        await _inner.CheckAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task<KeyReference> CreateWrappingKeyAsync(CancellationToken cancellationToken) => _inner.CreateWrappingKeyAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> WrapAsync(KeyReference key, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) => _inner.WrapAsync(key, secret, cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]> UnwrapAsync(KeyReference key, ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken) =>
        _inner.UnwrapAsync(key, wrapped, cancellationToken);

    /// <inheritdoc/>
    public Task<KeyReference> CreateMacKeyAsync(CancellationToken cancellationToken) => _inner.CreateMacKeyAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<byte[]> ComputeMacAsync(KeyReference key, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await (BeforeMac?.Invoke() ?? Task.CompletedTask);
        return await _inner.ComputeMacAsync(key, data, cancellationToken);
    }

    /// <summary>Does nothing: the backend behind it is its owner's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
