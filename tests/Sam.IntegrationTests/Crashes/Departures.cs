using System.Collections.Concurrent;
using Sam.Testing.Csc;

namespace Sam.IntegrationTests.Crashes;

/// <summary>A SAD that left a SAM, and the signatures that left for it.</summary>
/// <param name="Credential">The credential it is for.</param>
/// <param name="Digest">The digest it was authorized for.</param>
internal sealed record Departure(TestCredential Credential, byte[] Digest)
{
    internal ConcurrentQueue<byte[]> Signatures { get; } = new();

    /// <summary>Set when a SAM said that this SAD is spent.</summary>
    internal bool ToldSpent { get; set; }
}

/// <summary>Everything that ever left the SAMs of a test, as those saw it who received it.</summary>
internal sealed class Departures
{
    private readonly ConcurrentDictionary<string, Departure> _bySad = new(StringComparer.Ordinal);

    internal IReadOnlyCollection<KeyValuePair<string, Departure>> All => [.. _bySad];

    internal Departure Of(string sad) => _bySad[sad];

    internal void Sad(string sad, TestCredential credential, byte[] digest) => _bySad[sad] = new Departure(credential, digest);

    internal void Signature(string sad, byte[] signature) => _bySad[sad].Signatures.Enqueue(signature);
}
