using Sam.Core.Algorithms;
using Sam.Core.Keys;
using Sam.Core.Values;

namespace Sam.Testing.InMemory;

/// <summary>An HSM that nothing may reach: each operation fails the test that let something through to it.</summary>
public sealed class UnreachableKeyBackend : IKeyBackend
{
    /// <inheritdoc/>
    public KeyBackendDescription Description => throw Reached();

    /// <inheritdoc/>
    public Task<SigningKey> GenerateKeyAsync(KeyName name, KeyAlgorithm algorithm, CancellationToken cancellationToken) => throw Reached();

    /// <inheritdoc/>
    public Task<byte[]> GetPublicKeyAsync(KeyReference key, CancellationToken cancellationToken) => throw Reached();

    /// <inheritdoc/>
    public Task<IReadOnlyList<byte[]>> SignDigestsAsync(
        KeyReference key, SignatureAlgorithm algorithm, IReadOnlyList<Digest> digests, CancellationToken cancellationToken) => throw Reached();

    /// <inheritdoc/>
    public Task AbandonKeyAsync(KeyName name, CancellationToken cancellationToken) => throw Reached();

    /// <inheritdoc/>
    public Task<DateTimeOffset?> DestroyKeyAsync(KeyReference key, CancellationToken cancellationToken) => throw Reached();

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => throw Reached();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static InvalidOperationException Reached() => new("The HSM was reached.");
}
