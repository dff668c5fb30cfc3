using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sam.Api.Authentication;

/// <summary>
/// Spares the second verification of a token: a client sends the same one for an hour, and its signature costs more than the rest of a request's checks.
/// What is kept is no permission: that these bytes were signed by a key of this issuer, for this service, does not change. It is kept for the key set it was verified
/// with and no longer, under the token's hash and not the token, and the token's times are judged at every use.
/// </summary>
internal sealed class VerifiedTokens
{
    // A token is 16 KiB at most, an ordinary one 1 KiB.
    private const int MaxEntries = 1_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The token's entry; null when it was not verified with these keys.</summary>
    internal Entry? Find(string token, IssuerMetadata.Snapshot keys) =>
        _entries.TryGetValue(HashOf(token), out Entry? entry) && ReferenceEquals(entry.Keys, keys) ? entry : null;

    internal void Add(string token, Entry entry)
    {
        if (_entries.Count >= MaxEntries)
        {
            // Lost without harm: each is verified once more.
            _entries.Clear();
        }

        _entries[HashOf(token)] = entry;
    }

    private static string HashOf(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <param name="Keys">What it was verified with.</param>
    /// <param name="Payload">Its claims.</param>
    /// <param name="NotBefore">Its <c>nbf</c>; null when it has none.</param>
    /// <param name="Expires">Its <c>exp</c>.</param>
    internal sealed record Entry(IssuerMetadata.Snapshot Keys, JsonElement Payload, DateTime? NotBefore, DateTime? Expires);
}
