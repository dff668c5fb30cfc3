using System.Text.Json;

namespace Sam.Cli.Admin;

/// <summary>What the Admin API answered.</summary>
/// <param name="value">The answer as it is understood here.</param>
/// <param name="json">The answer as it came, for <c>--output json</c>.</param>
/// <param name="etag">The version of what was answered; null for what has none.</param>
internal sealed class AdminAnswer<T>(T value, JsonElement json, string? etag)
{
    internal T Value => value;

    internal JsonElement Json => json;

    internal string? ETag => etag;
}
