namespace Sam.Core.Keys;

/// <summary>The closed kinds of failure of an HSM, whatever its own codes are.</summary>
public enum KeyBackendFailure
{
    /// <summary>The HSM cannot be reached, or lost its session, and did not come back in time. Trying again later may help.</summary>
    Unavailable,

    /// <summary>The call was not answered in time; it may have been carried out.</summary>
    TimedOut,

    /// <summary>The HSM has no such key (any more).</summary>
    KeyNotFound,

    /// <summary>The HSM refuses this request and will refuse it again.</summary>
    Rejected,
}
