namespace Sam.Core.Values;

/// <summary>Who asks, as a verified access token names them.</summary>
/// <param name="Client">The signature creation application.</param>
/// <param name="Login">Whose login the token is, when it is a user's own; null for a client's own token.</param>
public sealed record Caller(ClientId Client, LoginName? Login)
{
    /// <summary>The subject of a user's own token; null for a client's.</summary>
    public string? User => Login?.Subject;
}
