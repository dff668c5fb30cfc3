using System.Globalization;
using Sam.Core.Keys;
using Sam.KeyBackends.ManagedHsm.Management;

namespace Sam.KeyBackends.ManagedHsm.Keys;

/// <summary>Anchors as tags of one key: a value holds 256 characters, which base64 of 128 bytes fits.</summary>
/// <remarks>
/// Tags are replaced all at once and without a condition. Of two who write at once the later one wins; what it wrote over is found missing by whoever reads next, and written again
/// (the anchor's owner rolls forward).
/// </remarks>
internal static class AnchorTags
{
    private const string Prefix = "anchor-";
    private const int MaxTags = 15;

    internal static IReadOnlyList<byte[]> Read(ManagedKey? key) =>
        [.. (key?.Tags ?? new Dictionary<string, string>()).Where(tag => tag.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(tag => Decode(tag.Value)).OfType<byte[]>()];

    /// <exception cref="KeyBackendException"><see cref="KeyBackendFailure.Rejected"/>: there is no room for one more.</exception>
    internal static IReadOnlyDictionary<string, string> Next(IReadOnlyList<byte[]> present, byte[] anchor, IReadOnlyList<byte[]> superseded)
    {
        byte[][] next = [.. present.Where(old => !Contains(superseded, old) && !old.AsSpan().SequenceEqual(anchor)), anchor];
        return next.Length <= MaxTags
            ? next.Index().ToDictionary(tag => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{tag.Index}"), tag => Convert.ToBase64String(tag.Item), StringComparer.Ordinal)
            : throw new KeyBackendException(KeyBackendFailure.Rejected, "Managed HSM: the anchor's key has more tags than it can have.");
    }

    private static bool Contains(IReadOnlyList<byte[]> anchors, byte[] anchor) => anchors.Any(a => a.AsSpan().SequenceEqual(anchor));

    private static byte[]? Decode(string value)
    {
        byte[] bytes = new byte[value.Length];
        return Convert.TryFromBase64String(value, bytes, out int length) ? bytes[..length] : null;
    }
}
