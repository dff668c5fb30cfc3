namespace Sam.Api.Pipeline;

/// <summary>What a caller must show.</summary>
public enum CallerKind
{
    /// <summary>Nothing.</summary>
    Anybody,

    /// <summary>A verified access token that names a client.</summary>
    Client,

    /// <summary>A verified access token of a user's own.</summary>
    User,

    /// <summary>A user's own token, and a proof by the key that this user enrolled.</summary>
    Officer,
}
