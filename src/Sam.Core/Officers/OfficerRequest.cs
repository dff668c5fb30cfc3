namespace Sam.Core.Officers;

/// <summary>A request of a privileged user, as far as their proof covers it.</summary>
/// <param name="Method">The HTTP method, upper-case.</param>
/// <param name="Target">Path and query as sent.</param>
/// <param name="TokenHash">SHA-256 of the access token, base64url.</param>
/// <param name="Body">The body's bytes; empty where there is none.</param>
/// <param name="IfMatch">The header <c>If-Match</c> as sent.</param>
/// <param name="IdempotencyKey">The header <c>Idempotency-Key</c> as sent.</param>
/// <param name="Proof">The header <c>Sam-Proof</c>; null without one.</param>
public sealed record OfficerRequest(string Method, string Target, string TokenHash, ReadOnlyMemory<byte> Body, string? IfMatch, string? IdempotencyKey, string? Proof);
