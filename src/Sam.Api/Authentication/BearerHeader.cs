using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sam.Api.Authentication;

/// <summary>The header <c>Authorization: Bearer token</c> (RFC 6750 section 2.1), the only place from which a token is taken.</summary>
internal static class BearerHeader
{
    /// <summary>In characters. Tokens of Entra ID with many groups reach some 6,000; beyond the limit a token is not even decoded.</summary>
    internal const int LongestToken = 16_384;

    private const string Scheme = "Bearer ";

    private static readonly SearchValues<char> _b64Token =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");

    internal static bool TryRead(IHeaderDictionary headers, [NotNullWhen(true)] out string? token)
    {
        StringValues values = headers.Authorization;

        // Of two headers a proxy may have checked the one and we would take the other.
        token = values.Count == 1 && values[0] is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? value[Scheme.Length..].TrimStart(' ')
            : null;
        return token is { Length: > 0 and <= LongestToken } && IsB64Token(token);
    }

    private static bool IsB64Token(ReadOnlySpan<char> token)
    {
        ReadOnlySpan<char> unpadded = token.TrimEnd('=');
        return !unpadded.IsEmpty && !unpadded.ContainsAnyExcept(_b64Token);
    }
}
