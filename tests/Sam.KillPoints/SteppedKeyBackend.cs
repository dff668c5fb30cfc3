using System.Runtime.CompilerServices;
using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;

namespace Sam.KillPoints;

/// <summary>Every call to the HSM, by any of its interfaces, is a step. Whoever adds a method to them has to add it here, or it does not compile.</summary>
internal sealed class SteppedKeyBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport
{
    private readonly IKeyBackend _keys;
    private readonly IKeyWrapping _wrapping;
    private readonly IMacKeys _mac;
    private readonly IHsmAnchor _anchor;
    private readonly IKeyImport _import;
    private readonly Steps _steps;

    private SteppedKeyBackend(IKeyBackend keys, IKeyWrapping wrapping, IMacKeys mac, IHsmAnchor anchor, IKeyImport import, Steps steps)
    {
        _keys = keys;
        _wrapping = wrapping;
        _mac = mac;
        _anchor = anchor;
        _import = import;
        _steps = steps;
    }

    public KeyBackendDescription Description => _keys.Description;

    public Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken) =>
        PassAsync(() => _keys.GenerateKeyAsync(name, algorithm, cancellationToken));

    public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken) => PassAsync(() => WithoutAnswerAsync(_keys.AbandonKeyAsync(name, cancellationToken)));

    public Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken) => PassAsync(() => _keys.GetPublicKeyAsync(key, cancellationToken));

    public Task<IReadOnlyList<byte[]>> SignDigestsAsync(
        KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken) =>
        PassAsync(() => _keys.SignDigestsAsync(key, algorithm, digests, cancellationToken));

    public Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken) => PassAsync(() => _keys.DestroyKeyAsync(key, cancellationToken));

    public Task<IReadOnlyList<byte[]>> ReadAnchorsAsync(CancellationToken cancellationToken) => PassAsync(() => _anchor.ReadAnchorsAsync(cancellationToken));

    public Task WriteAnchorAsync(ReadOnlyMemory<byte> anchor, IReadOnlyList<byte[]> superseded, CancellationToken cancellationToken) =>
        PassAsync(() => WithoutAnswerAsync(_anchor.WriteAnchorAsync(anchor, superseded, cancellationToken)));

    public Task CheckAsync(CancellationToken cancellationToken) => PassAsync(() => WithoutAnswerAsync(_keys.CheckAsync(cancellationToken)));

    public Task<KeyReference> CreateWrappingKeyAsync(CancellationToken cancellationToken) => PassAsync(() => _wrapping.CreateWrappingKeyAsync(cancellationToken));

    public Task<byte[]> WrapAsync(KeyReference key, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken) =>
        PassAsync(() => _wrapping.WrapAsync(key, secret, cancellationToken));

    public Task<byte[]> UnwrapAsync(KeyReference key, ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken) =>
        PassAsync(() => _wrapping.UnwrapAsync(key, wrapped, cancellationToken));

    public Task<KeyReference> CreateMacKeyAsync(CancellationToken cancellationToken) => PassAsync(() => _mac.CreateMacKeyAsync(cancellationToken));

    public Task<byte[]> ComputeMacAsync(KeyReference key, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        PassAsync(() => _mac.ComputeMacAsync(key, data, cancellationToken));

    public Task<(KeyReference Key, byte[] SubjectPublicKeyInfo)> CreateExchangeKeyAsync(CancellationToken cancellationToken) =>
        PassAsync(() => _import.CreateExchangeKeyAsync(cancellationToken));

    public Task<SigningKey> ImportKeyAsync(
        KeyName name, KeyAlgorithm algorithm, KeyReference exchangeKey, ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> subjectPublicKeyInfo, CancellationToken cancellationToken) =>
        PassAsync(() => _import.ImportKeyAsync(name, algorithm, exchangeKey, blob, subjectPublicKeyInfo, cancellationToken));

    /// <summary>Does nothing: the backend behind it is its owner's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static SteppedKeyBackend Of<TBackend>(TBackend backend, Steps steps)
        where TBackend : IKeyBackend, IKeyWrapping, IMacKeys, IHsmAnchor, IKeyImport => new(backend, backend, backend, backend, backend, steps);

    private static async Task<bool> WithoutAnswerAsync(Task call)
    {
        await call;
        return true;
    }

    private async Task<T> PassAsync<T>(Func<Task<T>> carryOut, [CallerMemberName] string method = "")
    {
        object call = new();
        _steps.Before(call, $"hsm {method[..^"Async".Length]}");
        T answer = await carryOut();
        _steps.After(call);
        return answer;
    }
}
