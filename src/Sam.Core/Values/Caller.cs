namespace Sam.Core.Values;

/// <summary>Who asks, as a verified access token names them.</summary>
/// <param name="Client">The signature creation application.</param>
/// <param name="User">The user that the token names, when it is a user's own; null for a client's own token.</param>
public sealed record Caller(ClientId Client, string? User);
