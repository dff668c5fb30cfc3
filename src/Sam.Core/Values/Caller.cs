namespace Sam.Core.Values;

/// <summary>Who asks, as a verified access token names them.</summary>
/// <param name="Client">The signature creation application.</param>
/// <param name="Login">Whose login the token is, when it is a user's own; null for a client's own token.</param>
/// <param name="AuthenticatedAt">When this user logged in (<c>auth_time</c>); null where the token does not say.</param>
public sealed record Caller(ClientId Client, LoginName? Login, DateTimeOffset? AuthenticatedAt = null)
{
    // Between the issuer's clock and the store's.
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(60);


    /// <summary>The subject of a user's own token; null for a client's.</summary>
    public string? User => Login?.Subject;

    /// <summary>Whether this is a user's own token, of a login not older than this.</summary>
    internal bool IsFresh(DateTimeOffset now, TimeSpan maxAge) => Login is not null && AuthenticatedAt is { } at && at > now - maxAge && at < now + _tolerance;
}
