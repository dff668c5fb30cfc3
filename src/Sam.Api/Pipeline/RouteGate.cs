namespace Sam.Api.Pipeline;

/// <summary>What bounds the requests of a route that are under way at a time. A full gate refuses before anything is read or spent (security decision 7).</summary>
public enum RouteGate
{
    /// <summary>Nothing but the host.</summary>
    Open,

    /// <summary>Requests that evaluate factors: bounded by what Argon2id takes.</summary>
    Authorizing,

    /// <summary>Requests that use the HSM.</summary>
    Signing,

    /// <summary>Requests of the Admin API: each asks the HSM for the anchor, which anybody with a login must not be able to do without bound.</summary>
    Administering,
}
