namespace Sam.KeyBackends.Pkcs11;

/// <summary>What an operation may try, each once, after a failure that is no verdict on the request.</summary>
[Flags]
internal enum Repair
{
    /// <summary>Nothing: the failure is told.</summary>
    None = 0,

    /// <summary>The HSM has closed the session: the same call on a new one.</summary>
    FreshSession = 1,

    /// <summary>The HSM has forgotten the login: log in, unless the PIN was ever refused.</summary>
    Login = 2,

    /// <summary>The handle means nothing (any more): search the key by its name.</summary>
    FindKeyAgain = 4,

    /// <summary>The device failed: the same call on a new session.</summary>
    TryOnceMore = 8,
}
